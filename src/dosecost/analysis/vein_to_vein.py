"""How long a patient waits and for what, now and made faster: the days from the request for a slot to the infusion as
a stack of parts, and whom the wait costs the dose."""

from collections.abc import Iterator
from typing import NamedTuple

from dosecost import step_library
from dosecost.analysis.alternatives import CULTURE
from dosecost.costs.quality import COMPENDIAL_STERILITY
from dosecost.evaluation import areas_of, cost_per_patient, year_of
from dosecost.inputs import Areas
from dosecost.model import Results
from dosecost.scenario import Scenario, hypothetical, with_changes

SLOT = "slot"
PARTS = (SLOT, "to_plant", "processing", "culture", "testing", "review", "to_clinic", "to_infusion")
"""In the order in which they pass; all but the wait for a slot are vein-to-vein time."""
RAPID = "rapid"
PCR = "pcr"
GROWTH_BASED = tuple(name.removeprefix("sterility_") for name in COMPENDIAL_STERILITY)
PRESENT = ""
TOGETHER = "together"
SLOWER_OR_SAME = ("cytometry", "conditional_release", "frozen")
"""Changes that are no part of all together: PCR is as fast as the first two, and freezing takes days."""


class Way(NamedTuple):
    """The scenario with one part made another way (``part`` and ``name`` empty: as it is; ``together``: every change
    that is faster at once, the culture as it is or ``rapid``).

    ``days`` by part; ``lost_waiting`` is the share of the patients on the list for a slot (all who ask, less those whom
    a full plant refuses) who drop out while they wait, ``lost_for_slot`` the part of it before they have a slot;
    ``cost`` is money per patient infused inside the scenario's boundary; ``missed_dose`` the share of lots that miss
    the dose by the cell balance, whether the scenario counts them or not.
    """

    part: str
    name: str
    days: dict[str, float]
    lost_waiting: float
    lost_for_slot: float
    infused: float
    cost: float
    missed_dose: float

    @property
    def lost_with_slot(self) -> float:
        """Share of the patients who have a slot who drop out between collection and infusion."""
        return (self.lost_waiting - self.lost_for_slot) / (1.0 - self.lost_for_slot)

    @property
    def vein_to_vein(self) -> float:
        """Days from apheresis to infusion."""
        return sum(days for part, days in self.days.items() if part != SLOT)

    @property
    def total(self) -> float:
        """Days from the request for a slot to the infusion."""
        return sum(self.days.values())


def days_by_part(areas: Areas, results: Results) -> dict[str, float]:
    """Days of one patient's wait by part; testing waits for the slowest test, with the wait until the gene shows."""
    waits, work, review = results.waits, results.work, areas.quality.record_review_days
    culture = sum(float(step.days) for step in work.steps if step.group == "culture")
    days = {
        SLOT: waits.slot,
        "to_plant": waits.to_start,
        "processing": work.process_days - culture,
        "culture": culture,
        "testing": waits.to_release - work.process_days - review,
        "review": review,
        "to_clinic": areas.logistics.transport_days_product,
        "to_infusion": areas.logistics.release_to_infusion_days,
    }
    return {part: float(number) for part, number in days.items()}


def ways(scenario: Scenario) -> list[Way]:
    """The present scenario, then every change that is not made yet, each alone, then all together that are faster,
    first with the culture as it is. A change that moves no day stays: another test is as slow."""
    changes = list(_changes(scenario))
    faster = {part: new for part, name, new in changes if not {part, name} & set(SLOWER_OR_SAME)}
    culture = faster.pop("culture", {})
    together = {key: value for new in faster.values() for key, value in new.items()}
    found = [_made(scenario, PRESENT, PRESENT, {})]
    found += [_made(scenario, part, name, new) for part, name, new in changes]
    if len(faster) > 1:
        found.append(_made(scenario, TOGETHER, PRESENT, together))
    if culture and faster:
        found.append(_made(scenario, TOGETHER, RAPID, together | culture))
    return found


def _changes(scenario: Scenario) -> Iterator[tuple[str, str, dict[str, object]]]:
    chosen = scenario.choices
    rapid = step_library.cultures()[RAPID]
    if areas_of(scenario).process.culture_days > rapid.at_most:
        yield "culture", RAPID, {CULTURE: rapid.days}
    if chosen.sterility in GROWTH_BASED:
        yield "sterility", PCR, {"sterility": PCR}
        yield "sterility", "cytometry", {"sterility": "cytometry"}
        if chosen.conditional_release == "no":
            yield "conditional_release", "yes", {"conditional_release": "yes"}
    if chosen.mycoplasma == "culture":
        yield "mycoplasma", PCR, {"mycoplasma": PCR}
    if chosen.record == "paper":
        yield "record", "electronic", {"record": "electronic"}
    other = "fresh" if chosen.apheresis == "frozen" else "frozen"
    if other == "frozen" or chosen.lane != "international":  # a fresh collection does not last that long
        yield "apheresis", other, {"apheresis": other}


def _made(scenario: Scenario, part: str, name: str, changes: dict[str, object]) -> Way:
    other = with_changes(hypothetical(scenario), changes, "")
    areas = areas_of(other)
    results = year_of(other, areas)
    funnel = results.funnel
    waiting = funnel.lost_slot_wait + funnel.lost_before_start + funnel.lost_wait_for_infusion
    listed = funnel.patients - funnel.not_admitted
    return Way(
        part=part,
        name=name,
        days=days_by_part(areas, results),
        lost_waiting=float(waiting / listed),
        lost_for_slot=float(funnel.lost_slot_wait / listed),
        infused=float(funnel.patients_infused),
        cost=float(cost_per_patient(other.choices, results)),
        missed_dose=float(results.cells.missed_dose),
    )
