"""Published studies replayed (``data/cases``): what was printed, what we get, and whether it is within the band.

Two kinds are kept apart. A *roll-up* takes the study's own aggregates through our ledger or funnel: it must agree. A
*prediction* takes our bottom-up inputs into the study's setting: it is compared and never tuned. A new study is one
file, no Python.
"""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from dosecost import inputs, ledger, scenario, strictjson
from dosecost.errors import InputError
from dosecost.evaluation import Evaluation, evaluate
from dosecost.finance import CURRENCIES
from dosecost.ledger import Line
from dosecost.quantities.demand import DAYS_PER_WEEK, Demand
from dosecost.quantities.losses import EarlyLoss, Funnel, Losses, Waits, funnel
from dosecost.quantities.process import Work
from dosecost.recipes import one_of

CASES = inputs.DATA / "cases"
CONVENTIONS = ("none", "times_one_plus_f", "divided_by_one_minus_f")
ROLL_UP, PREDICTION = "roll-up", "prediction"
EXACT = 1e-9


@dataclass(frozen=True)
class RollUpLine:
    """One aggregate of a study: ``quantity`` times ``price`` a year or a lot; ``input`` is a price that is ours."""

    id: str
    category: str
    basis: str
    quantity: float = 1.0
    price: float | None = None
    input: str = ""


@dataclass(frozen=True)
class RollUp:
    """A study's cost as it gives it: lines, how lost lots are charged, and the share ``failure`` of them."""

    id: str
    lines: tuple[RollUpLine, ...]
    failure: float = 0.0
    convention: str = "none"


@dataclass(frozen=True)
class Trial:
    """A study's patients as it counts them: enrolled, lots failed, made but not given, given out of specification."""

    id: str
    enrolled: int
    failed: int
    not_given: int
    out_of_specification_given: int = 0


@dataclass(frozen=True)
class Setting:
    """A prediction's scenario: a shipped one with changes, in the currency and price year of the study."""

    id: str
    scenario: str
    currency: str = ""
    price_year: int = 0
    changes: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Printed:
    """One printed result, and where ours comes from: ``of`` names a roll-up, a trial or a setting, ``figure`` its part.

    Within ``tolerance`` (a share of what is printed) or from ``low`` to ``high``; ``reason`` says why so much.
    """

    label: str
    of: str
    figure: str
    printed: float
    unit: str
    evidence: str
    reason: str
    tolerance: float | None = None
    low: float | None = None
    high: float | None = None
    lots: float | None = None
    relative_to: str = ""
    categories: tuple[str, ...] = ()
    because: str = ""


@dataclass(frozen=True)
class Case:
    """A published study: where it stands, its setting and boundary, what is not recoverable, what is not replayed."""

    id: str
    title: str
    citation: str
    source: str
    setting: str
    currency: str
    price_year: int
    boundary: str
    not_recovered: str
    roll_ups: tuple[RollUp, ...]
    trials: tuple[Trial, ...]
    settings: tuple[Setting, ...]
    results: tuple[Printed, ...]
    not_replayed: tuple[str, ...] = ()


class Replayed(NamedTuple):
    """A printed result beside ours; ``difference`` is a share of what is printed, ``within`` the verdict."""

    case: Case
    result: Printed
    kind: str
    ours: float
    low: float
    high: float

    @property
    def difference(self) -> float:
        """Ours against printed, as a share of it."""
        return self.ours / self.result.printed - 1.0

    @property
    def within(self) -> bool:
        """Whether ours lies in the band."""
        slack = EXACT * max(1.0, abs(self.result.printed))
        return self.low - slack <= self.ours <= self.high + slack


@cache
def load(folder: Path = CASES) -> dict[str, Case]:
    """All cases of a folder by id, in the order of their file names. Raises ``InputError`` naming file and key."""
    found = [read(path) for path in sorted(folder.glob("*.toml"))]
    return {case.id: case for case in found}


def read(path: Path) -> Case:
    """Read and check one case file; an error names the file and the key."""
    name = path.name
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(name, "", f"not a TOML file: {error}") from error
    parts = {
        "roll_ups": tuple(_roll_up(name, entry) for entry in _entries(name, raw, "roll_ups")),
        "trials": tuple(_record(name, "trials", Trial, entry) for entry in _entries(name, raw, "trials")),
        "settings": tuple(_setting(name, entry) for entry in _entries(name, raw, "settings")),
        "results": tuple(_printed(name, entry) for entry in _entries(name, raw, "results")),
        "not_replayed": _texts(name, raw, "not_replayed"),
    }
    case: Case = _record(name, "", Case, raw | parts)
    for field in ("title", "citation", "source", "setting", "boundary", "not_recovered"):
        if not getattr(case, field).strip():
            raise InputError(name, field, "is empty")
    one_of(name, "currency", case.currency, CURRENCIES)
    if not (case.results or case.not_replayed):
        raise InputError(name, "results", "a case needs a printed result, or what is not replayed and why")
    parts_of: tuple[RollUp | Trial | Setting, ...] = (*case.roll_ups, *case.trials, *case.settings)
    known = [part.id for part in parts_of]
    for part in known:
        if known.count(part) > 1:
            raise InputError(name, part, "two parts with one id")
    for i, result in enumerate(case.results):
        for key in ("of", "relative_to"):
            if getattr(result, key) or key == "of":
                one_of(name, f"results.{i + 1}.{key}", getattr(result, key), known)
    return case


def replay(case: Case) -> list[Replayed]:
    """Every printed result of a case beside ours. Raises ``InputError`` where a figure does not exist."""
    return [_replayed(case, result) for result in case.results]


def _replayed(case: Case, result: Printed) -> Replayed:
    ours = _ours(case, result, result.of)
    if result.relative_to:
        ours = ours / _ours(case, result, result.relative_to) - 1.0
    kind = PREDICTION if result.of in {setting.id for setting in case.settings} else ROLL_UP
    if result.tolerance is not None:
        room = abs(result.printed) * result.tolerance
        low, high = result.printed - room, result.printed + room
    else:
        assert result.low is not None
        assert result.high is not None
        low, high = result.low, result.high
    return Replayed(case, result, kind, ours, low, high)


def _ours(case: Case, result: Printed, of: str) -> float:
    for roll_up in case.roll_ups:
        if roll_up.id == of:
            return _rolled_up(f"{case.id}: {result.label}", roll_up, result)
    for trial in case.trials:
        if trial.id == of:
            return _traversed(case.id, funnel_of(trial), result.figure)
    setting = next(setting for setting in case.settings if setting.id == of)
    changes = strictjson.dumps(dict(setting.changes or {}), compact=True)
    e = _evaluated(setting.id, setting.scenario, setting.currency, setting.price_year, changes)
    if result.figure == "per_lot":
        return _per_lot(e, result.categories)
    return _traversed(case.id, e, result.figure)


def _rolled_up(where: str, roll_up: RollUp, result: Printed) -> float:
    """A roll-up's figure at so many lots a year, through the ledger's own lines and sums."""
    if result.lots is None:
        raise InputError(where, "lots", "a roll-up's figure needs the lots a year")
    lots = result.lots
    lines = []
    for line in roll_up.lines:
        quantity = line.quantity * lots if line.basis == ledger.PER_LOT else line.quantity
        price = inputs_base(line.input) if line.input else line.price
        lines.append(Line(line.id, line.category, "", line.basis, quantity, price))
    fixed = ledger.annual_total(line for line in lines if line.basis in ledger.FIXED_BASES)
    whole = ledger.annual_total(lines)
    charged = {
        "none": 1.0,
        "times_one_plus_f": 1.0 + roll_up.failure,
        "divided_by_one_minus_f": 1.0 / (1.0 - roll_up.failure),
    }[roll_up.convention]
    figures = {
        "annual": whole,
        "per_lot": whole / lots,
        "per_dose": whole / lots * charged,
        "fixed_per_lot": fixed / lots,
        "fixed_per_dose": fixed / lots * charged,
        "fixed_share": fixed / whole,
    } | {f"share.{name}": amount / whole for name, amount in ledger.by_category(lines).items()}
    one_of(where, "figure", result.figure, figures)
    return float(figures[result.figure])


def funnel_of(trial: Trial) -> Funnel:
    """The model's funnel at a trial's own rates: all losses of lots are manufacturing failures, all others drop out in
    the week before infusion."""
    made = trial.enrolled - trial.failed
    given = made - trial.not_given
    losses = replace(
        Losses(**dict.fromkeys(Losses.__dataclass_fields__, 0.0)),
        out_of_specification=trial.out_of_specification_given / given,
        out_of_specification_infused=1.0,
    )
    demand = replace(
        Demand(**dict.fromkeys(Demand.__dataclass_fields__, 0.0)),
        patients_per_year=float(trial.enrolled),
        drop_out_per_week=trial.not_given / made,
    )
    nothing: dict[str, Any] = dict.fromkeys(Work._fields, 0.0)
    work = Work(**nothing | {"steps": ()})
    waits = Waits(slot=0.0, to_start=0.0, to_release=0.0, to_infusion=DAYS_PER_WEEK)
    early = EarlyLoss(material=trial.failed / trial.enrolled, device=0.0)
    return funnel(demand, losses, work, waits, float(trial.enrolled), False, early)


def inputs_base(name: str) -> float:
    """The default of an input that has one row for all platforms and choices."""
    rows = [row for row in inputs.load().rows if row.name == name]
    return rows[0].base


@cache
def _evaluated(name: str, shipped: str, currency: str, price_year: int, changes: str) -> Evaluation:
    base = scenario.load_shipped(shipped)
    base = replace(base, currency=currency or base.currency, price_year=price_year or base.price_year)
    return evaluate(scenario.with_changes(base, strictjson.parse(changes, name), name))


def _per_lot(e: Evaluation, categories: tuple[str, ...]) -> float:
    """Money per lot started for whole categories, what of them stands idle included."""
    lines = [line for line in e.results.lines if line.id.removeprefix("idle.").partition(".")[0] in categories]
    return float(ledger.annual_total(lines) / e.results.funnel.lots_started)


def _traversed(where: str, found: Any, path: str) -> float:
    """A figure by its path: ``cost.boundaries.manufacture``; ``a / b`` divides one by another."""
    top, slash, bottom = (part.strip() for part in path.partition("/"))
    if slash:
        below = _traversed(where, found, bottom)
        if below == 0:
            raise InputError(where, path, f"{bottom} is 0")
        return _traversed(where, found, top) / below
    for part in top.split("."):
        if isinstance(found, Mapping) and part in found:
            found = found[part]
        elif not part.startswith("_") and hasattr(found, part):
            found = getattr(found, part)
        else:
            raise InputError(where, path, f"no figure {part!r} there")
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise InputError(where, path, "is no number")
    return float(found)


# ---- reading ----------------------------------------------------------------------------------------------------


def _entries(name: str, raw: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    entries = raw.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise InputError(name, key, "needs a list of tables")
    return entries


def _texts(name: str, raw: Mapping[str, Any], key: str) -> tuple[str, ...]:
    texts = raw.get(key, [])
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise InputError(name, key, "needs a list of texts")
    return tuple(texts)


def _record(name: str, key: str, kind: Any, raw: Mapping[str, Any]) -> Any:
    """A record from a table with just the fields it has. Raises ``InputError`` naming the key."""
    at = ".".join(filter(None, (key, str(raw.get("id", raw.get("label", ""))) if key else "")))
    fields = kind.__dataclass_fields__
    for field in raw:
        if field not in fields:
            raise InputError(name, f"{at}.{field}".strip("."), f"unknown key; known are {', '.join(fields)}")
    try:
        record = kind(**{field: tuple(value) if isinstance(value, list) else value for field, value in raw.items()})
    except TypeError:
        missing = [field for field in fields if field not in raw and fields[field].default is MISSING]
        raise InputError(name, at, f"missing: {', '.join(missing)}") from None
    for field, value in raw.items():
        wanted = fields[field].type
        if not _fits(wanted, value):
            raise InputError(
                name, f"{at}.{field}".strip("."), f"{value!r} is not a {'text' if wanted is str else 'number'}"
            )
    return record


SIMPLE: dict[Any, Any] = {str: str, int: int, float: (int, float), float | None: (int, float)}
"""Kinds of fields whose values are checked here, and what they take; a bool is no number."""


def _fits(wanted: Any, value: Any) -> bool:
    return isinstance(value, SIMPLE.get(wanted, object)) and not isinstance(value, bool)


def _roll_up(name: str, raw: Mapping[str, Any]) -> RollUp:
    key = f"roll_ups.{raw.get('id', '?')}"
    lines = tuple(_record(name, f"{key}.lines", RollUpLine, entry) for entry in _entries(name, raw, "lines"))
    for line in lines:
        at = f"{key}.lines.{line.id}"
        one_of(name, f"{at}.category", line.category, ledger.CATEGORIES)
        one_of(name, f"{at}.basis", line.basis, ledger.BASES)
        if (line.price is None) == (not line.input):
            raise InputError(name, at, "needs a price of the study, or an input of ours")
        if line.input and line.input not in inputs.load().names():
            raise InputError(name, f"{at}.input", f"we have no input {line.input!r}")
    roll_up: RollUp = _record(name, "roll_ups", RollUp, {**raw, "lines": lines})
    one_of(name, f"{key}.convention", roll_up.convention, CONVENTIONS)
    return roll_up


def _setting(name: str, raw: Mapping[str, Any]) -> Setting:
    setting: Setting = _record(name, "settings", Setting, raw)
    key = f"settings.{setting.id}"
    one_of(name, f"{key}.scenario", setting.scenario, scenario.shipped())
    if not isinstance(setting.changes or {}, dict):
        raise InputError(name, f"{key}.changes", "needs a table")
    if setting.currency:
        one_of(name, f"{key}.currency", setting.currency, CURRENCIES)
    scenario.with_changes(scenario.load_shipped(setting.scenario), setting.changes or {}, f"{name}: {key}")
    return setting


def _printed(name: str, raw: Mapping[str, Any]) -> Printed:
    result: Printed = _record(name, "results", Printed, raw)
    key = f"results.{result.label}"
    for field in ("label", "unit", "evidence", "reason"):
        if not getattr(result, field).strip():
            raise InputError(name, f"{key}.{field}", "is empty")
    numbers = (result.printed, result.tolerance, result.low, result.high, result.lots)
    if not all(number is None or math.isfinite(number) for number in numbers):
        raise InputError(name, key, "a number is not finite")
    if (result.tolerance or 0.0) < 0 or (result.low or 0.0) > (result.high or math.inf):
        raise InputError(name, key, "the band is empty: a tolerance is not negative, low is not above high")
    banded = result.low is not None and result.high is not None
    if banded == (result.tolerance is not None):
        raise InputError(name, key, "needs a tolerance, or low and high")
    if result.printed == 0:
        raise InputError(name, f"{key}.printed", "0 cannot be compared")
    return result
