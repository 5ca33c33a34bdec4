"""What both forms of the queue simulation share: the numbers of a design, what is counted, and the draws.

A draw is a hash of (seed, replication, patient, purpose). It does not depend on the order of events, the number of
threads or the design, so two designs meet the same patients. The logarithm is ours, of + − × ÷ alone: compiled and
numpy forms, on every machine, give the same bits.
"""

from typing import Any, NamedTuple

import numpy as np

CAUSES = ("patient_material", "handling", "device", "contamination", "specification")
"""Causes of a lost lot in the order in which a lot meets them; the first three show at the end of the process."""
EARLY = 3
"""How many of the causes show at the end of the process; the others show at release."""

OUTCOMES = (
    "lost_slot_wait",
    "lost_before_start",
    "rejected_on_receipt",
    "lost_failed_lot",
    "lost_before_remake",
    "lost_shipment",
    "lost_wait_for_infusion",
    "patients_infused",
)
"""Ends of a patient's way. Every patient has exactly one."""
(SLOT_WAIT, BEFORE_START, REJECTED, FAILED, BEFORE_REMAKE, SHIPMENT, INFUSION_WAIT, INFUSED) = range(len(OUTCOMES))

PATIENTS = len(OUTCOMES)
LOTS = PATIENTS + 1
REMADE = LOTS + 1
FIRST_CAUSE = REMADE + 1
COUNTS = FIRST_CAUSE + len(CAUSES)
"""Columns of the counts: the outcomes, then patients, lots started, lots remade, lots failed by cause."""

VEIN_TO_VEIN, REMAKE_WAIT, PLACE_TIME, DEVICE_TIME, TEAM_TIME, SOJOURN, SUMS = range(7)
"""Columns of the sums, days: vein to vein of the infused, second waits, use in the window, time in the system."""

BEFORE_HORIZON, BEFORE_WARM_UP, BEFORE_MIDDLE, SIZES = range(4)
"""Columns of the sizes: how many patients asked before these days."""

ASKED, OFFERED, LEFT, OUTCOME, PATIENT_COLUMNS = range(5)
"""Columns of a recorded patient: day of asking, wait for the slot offered, day of leaving, outcome."""
OWNER, SECOND, READY, START, PLACE_END, DEVICE_END, TEAM_START, TEAM_END, LOT_COLUMNS = range(9)
"""Columns of a recorded lot: patient, 1 if remade, day ready, start, ends of place and device, team's work on it."""

GAP, DURATION, REMADE_DURATION, LIFE, RECEIPT, CAUSE, REMAKE, SHIPPING = 0, 2, 4, 6, 7, 8, 9, 10
"""Purposes of a draw; the first three take two draws, their own and the next."""


class Variable(NamedTuple):
    """A positive random number of mean 1 from two uniforms: ``base`` plus an exponential times one of two scales.

    Up to a squared coefficient of variation of 1 a shifted exponential (0: constant, 1: exponential); above, a mixture
    of two exponentials with balanced means. ``share`` is the chance of ``scale``.
    """

    base: float
    scale: float
    other: float
    share: float


class Numbers(NamedTuple):
    """A design as plain numbers, days. ``most`` is the largest factor of a lot's durations; ``team_days`` is the team's
    time for one lot; ``failures`` are cumulative chances by cause; a ``shutdown`` ends every ``period``.
    Counted are the patients who ask from ``warm_up`` to ``horizon``; ``middle`` parts the two halves."""

    gap: float
    gaps: Variable
    durations: Variable
    most: float
    places: int
    devices: int
    place_days: float
    device_days: float
    process_days: float
    team_days: float
    period: float
    shutdown: float
    to_start: float
    release_days: float
    to_infusion: float
    mean_life: float
    rejection: float
    failures: tuple[float, float, float, float, float]
    remake: bool
    remake_success: float
    shipment_loss: float
    warm_up: float
    middle: float
    horizon: float


def variable(cv2: float) -> Variable:
    """The random number of mean 1 with squared coefficient of variation ``cv2``."""
    if cv2 <= 1.0:
        spread = cv2**0.5
        return Variable(1.0 - spread, spread, spread, 1.0)
    share = (1.0 + ((cv2 - 1.0) / (cv2 + 1.0)) ** 0.5) / 2.0
    return Variable(0.0, 0.5 / share, 0.5 / (1.0 - share), share)


_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_SHIFT_30, _SHIFT_27, _SHIFT_31, _SHIFT_12 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(12)
STEP = np.uint64(0x9E3779B97F4A7C15)
_SPACING, _HALF = 2.0**-52, 2.0**-53
_ROOT_HALF, _LN_2 = 0.7071067811865476, 0.6931471805599453


def mixed(bits: Any) -> Any:
    """The finaliser of SplitMix64 (Steele, Lea, Flood 2014): unsigned 64-bit numbers in, as many out."""
    bits = (bits ^ (bits >> _SHIFT_30)) * _FIRST
    bits = (bits ^ (bits >> _SHIFT_27)) * _SECOND
    return bits ^ (bits >> _SHIFT_31)


def uniform(bits: Any) -> Any:
    """A number strictly between 0 and 1 from 52 of 64 bits."""
    return (bits >> _SHIFT_12) * _SPACING + _HALF


def exponential(mantissa: Any, exponent: Any) -> Any:
    """−log of the number ``mantissa × 2^exponent`` with its mantissa from 0.5 to 1, to 2 units in the last place."""
    low = mantissa < _ROOT_HALF
    m = mantissa + mantissa * low
    s = (m - 1.0) / (m + 1.0)
    z = s * s
    series = 1.0 / 19.0 + z * (1.0 / 21.0 + z * (1.0 / 23.0))
    series = 1.0 / 13.0 + z * (1.0 / 15.0 + z * (1.0 / 17.0 + z * series))
    series = 1.0 / 7.0 + z * (1.0 / 9.0 + z * (1.0 / 11.0 + z * series))
    series = 1.0 + z * (1.0 / 3.0 + z * (1.0 / 5.0 + z * series))
    return (low - exponent) * _LN_2 - 2.0 * s * series
