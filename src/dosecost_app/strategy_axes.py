"""The axes of the strategy map: round amounts at the opening and whole patients a year, the plan's own among them."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_AMOUNTS = 16
"""Amounts on the axis, the plan's own not counted."""
SPAN = 4.0
"""The rates go from a part of the plan's own to as many times of it."""
MONEY_STEPS = (1.0, 2.0, 5.0, 10.0, 20.0)
RATES = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0)
LEAST_RATE = 1e-3


def amounts(most: float, own: float) -> Floats:
    """Amounts from nothing to at least ``most`` in steps of 1, 2 or 5 times a power of ten, and the plan's own."""
    if most <= 0:
        return np.unique([0.0, own])
    power = 10.0 ** math.floor(math.log10(most / MOST_AMOUNTS))
    step = next(power * factor for factor in MONEY_STEPS if math.ceil(most / (power * factor)) < MOST_AMOUNTS)
    return np.unique([*(step * i for i in range(math.ceil(most / step) + 1)), own])


def rates(own: float) -> Floats:
    """Round rates of patients around the plan's own one, whole from 1 on, and the own one."""
    low, high = max(own / SPAN, LEAST_RATE), own * SPAN
    powers = range(math.floor(math.log10(low)), math.floor(math.log10(max(high, low))) + 1)
    grid = [factor * 10.0**power for power in powers for factor in RATES]
    round_ones = [float(f"{x:.3g}") for x in grid if low <= x <= high]
    return np.unique([*(x for x in round_ones if x < 1 or x.is_integer()), own])
