"""Every figure of a traced run under its name: the stages of the year, the ledger, the cost, the years behind the plan,
its months, and last the outputs under the names that ``dosecost evaluate --json`` gives them."""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from dosecost.analysis.journey import journey, per
from dosecost.analysis.rooms import running
from dosecost.arithmetic import total
from dosecost.contract import by_formula, flat
from dosecost.evaluation import Evaluation, doses_charged
from dosecost.ledger import Line, by_category, by_step, inside
from dosecost.plan import Stretch, stretches
from dosecost.returns import owners_flows
from dosecost.trace import Traced
from dosecost.traced_run import TracedRun

NamedFigures = dict[str, Any]


def named_figures(run: TracedRun) -> NamedFigures:
    """All figures by name, in the order of the model, each a traced number or a constant (texts among the outputs).

    A figure that has several names stands under each; the first is its own.
    """
    found: NamedFigures = {}
    for name, part in _parts(run):
        for path, node in _named(name, part):
            found.setdefault(path, node)
    for path, node in outputs(run).items():
        found.setdefault(path, node)
    return found


def outputs(run: TracedRun) -> NamedFigures:
    """Every output that formulas give, by its path in the JSON of ``dosecost evaluate``."""
    return dict(flat(by_formula(run.evaluation)))


class Identities:
    """Numbers traced numbers by what they are made of, down to the inputs: one that is made twice has one number."""

    def __init__(self) -> None:
        self._by_parts: dict[Any, int] = {}
        self._by_node: dict[int, int] = {}
        self._kept: list[Traced] = []

    def __call__(self, node: Traced) -> int:
        """The number of a traced number."""
        known = self._by_node.get(id(node))
        if known is not None:
            return known
        stack = [node]
        while stack:
            top = stack[-1]
            if id(top) in self._by_node:
                stack.pop()
                continue
            waiting = [p for p in top.parents if isinstance(p, Traced) and id(p) not in self._by_node]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            parts = (top.operation, top.name, *(self._part(parent) for parent in top.parents))
            self._by_node[id(top)] = self._by_parts.setdefault(parts, len(self._by_parts))
            self._kept.append(top)
        return self._by_node[id(node)]

    def _part(self, parent: Any) -> Any:
        return ("node", self._by_node[id(parent)]) if isinstance(parent, Traced) else ("constant", parent)


def _parts(run: TracedRun) -> Iterator[tuple[str, Any]]:
    e, programme = run.evaluation, run.programme
    plan, counted = e.scenario.plan, inside(e.scenario.choices.boundary)
    yield from run.stages.items()
    yield "", e.results
    yield "cost", e.cost
    yield "cost.annual", by_category(e.results.lines)
    yield "cost.annual_by_step", by_step(line for line in e.results.lines if line.category in counted)
    yield "journey", _journey(e)
    yield "rooms", _rooms(e)
    yield "lots_asked", e.areas.demand.patients_per_year * run.stages["one_patient"].lots_started
    names = [stretch_name(part) for part in stretches(plan)]
    for name, results in zip(names, run.years.stretches, strict=True):
        yield f"phases.{name}", results
    yield "as_bought", {"assets": run.years.bought.assets, "invested": run.years.bought.invested}
    yield "without_patients", run.years.standing
    for variant in run.years.variants:
        after = f"after.{variant.decision.id}"
        yield after, variant.design
        for name, results in zip(names, variant.runs, strict=True):
            yield f"{after}.phases.{name}", results
        for hub in variant.hubs:
            yield f"{after}.hubs.{hub.id}", hub.design
            for name, results in zip(names, hub.runs, strict=True):
                yield f"{after}.hubs.{hub.id}.phases.{name}", results
    plants = ["first", *(variant.decision.id for variant in run.years.variants)]
    flows = {
        plant: dict(zip(names, of_plant, strict=True)) for plant, of_plant in zip(plants, programme.plants, strict=True)
    }
    starts = {phase.id: start for phase, start in zip(plan.phases, programme.starts, strict=True)}
    begins = dict(zip(names, programme.begins, strict=True))
    named = {"plan": None, "plants": flows, "starts": starts, "begins": begins, "loans": None}
    yield "programme", programme._asdict() | named
    yield "cash", e.cash._asdict() | {"cash_out_month": None, "months": {month.month: month for month in e.cash.months}}
    yield (
        "cash.so_far",
        {month: state._asdict() | {"balance": None, "made": None} for month, state in run.so_far.items()},
    )
    yield "cash.flows", dict(enumerate(e.flows, start=1))
    yield "cash.owners.flows", dict(enumerate(owners_flows(e), start=1))


def _rooms(e: Evaluation) -> dict[str, Any]:
    """What rooms cost to run and monitor, by line and per patient infused, and the share of suites not used."""
    spent = running(e)
    return {
        "running": spent,
        "running_per_patient": total(spent.values()) / doses_charged(e.scenario.choices, e.results),
        "suites_idle": 1.0 - e.results.plant.suites_used,
    }


def _journey(e: Evaluation) -> dict[str, Any]:
    """Stages and losses of the year's patients by name, with the money that each loss had cost."""
    found = journey(e)
    return {
        "lots_lost": per(e.results.funnel.lots_failed, e.results.funnel.lots_started),
        "stages": {stage.id: {"reached": stage.reached, "spent": stage.spent} for stage in found.stages},
        "prices": found.prices,
        "losses": {
            loss.cause: {
                "again": loss.again,
                "patients": loss.patients,
                "sunk": loss.sunk,
                "each": loss.each,
                "per_patient_infused": loss.sunk / found.infused,
            }
            for loss in found.losses
        },
        "out_of_specification": {"paid": found.out_of_specification.paid},
        "variable": found.variable,
        "successful": found.successful,
        "sunk": found.sunk,
    }


def stretch_name(part: Stretch) -> str:
    """``commercial``, or ``commercial_year_2`` where the demand of the phase grows."""
    return f"{part.phase.id}_year_{part.year + 1}" if part.phase.demand == "growing" else part.phase.id


def _named(prefix: str, part: Any) -> Iterator[tuple[str, Any]]:
    """Every number of nested records and tables, with its path as name."""
    if isinstance(part, Line):
        name = f"{prefix.removesuffix('lines.' + part.id)}ledger.{part.id}"
        yield from ((f"{name}.{figure}", getattr(part, figure)) for figure in ("quantity", "price", "annual"))
        return
    if isinstance(part, dict):
        pairs: Sequence[tuple[Any, Any]] = list(part.items())
    elif is_dataclass(part):
        pairs = [(column.name, getattr(part, column.name)) for column in fields(part)]
    elif hasattr(part, "_asdict"):
        pairs = list(part._asdict().items())
    elif isinstance(part, (list, tuple)):
        pairs = [(getattr(entry, "id", str(i)), entry) for i, entry in enumerate(part)]
    else:
        if isinstance(part, Traced) or (isinstance(part, (int, float)) and not isinstance(part, bool)):
            yield prefix, part
        return
    for key, inner in pairs:
        yield from _named(f"{prefix}.{key}" if prefix else str(key), inner)
