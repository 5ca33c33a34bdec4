"""Inputs: the rows of ``data/inputs``, checked once, become the typed, frozen areas that the formulas read."""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from dosecost.arithmetic import Number
from dosecost.costs.change import Regulatory
from dosecost.costs.equipment import Equipment
from dosecost.costs.facility import Facility
from dosecost.costs.logistics import Logistics
from dosecost.costs.materials import Materials
from dosecost.costs.monitoring import Monitoring
from dosecost.costs.overhead import Overhead
from dosecost.costs.quality import Quality
from dosecost.errors import InputError
from dosecost.finance import CURRENCIES, Finance, price_basis_factor
from dosecost.quantities.capacity import Capacity
from dosecost.quantities.cells import Cells
from dosecost.quantities.demand import Demand
from dosecost.quantities.losses import Losses
from dosecost.quantities.people import People
from dosecost.quantities.process import Process

DATA = Path(__file__).resolve().parents[2] / "data"
INPUTS = DATA / "inputs"
NO_PRICE = "n/a"
GRADES = ("A", "B", "C", "D")
COLUMNS = (
    "key",
    "platform",
    "when",
    "label",
    "unit",
    "low",
    "base",
    "high",
    "price_basis",
    "grade",
    "confidence",
    "source",
    "note",
)
SELECTORS = {
    "setting": ("commercial", "academic"),
    "stage": ("clinical", "commercial"),
    "record": ("paper", "electronic"),
    "delivery": ("lentiviral", "retroviral", "non_viral"),
}
"""Choices other than the platform that pick between rows of one input."""


@dataclass(frozen=True, slots=True)
class Areas:
    """All inputs in use, by area, in the currency and price year of the scenario."""

    finance: Finance
    demand: Demand
    process: Process
    cells: Cells
    losses: Losses
    capacity: Capacity
    people: People
    materials: Materials
    quality: Quality
    monitoring: Monitoring
    facility: Facility
    equipment: Equipment
    logistics: Logistics
    overhead: Overhead
    regulatory: Regulatory


AREAS: dict[str, Any] = {field.name: field.type for field in fields(Areas)}
TABLES: dict[tuple[str, str], Any] = {
    (area, field.name): field.metadata["table"]
    for area, cls in AREAS.items()
    for field in fields(cls)
    if "table" in field.metadata
}


class Row(NamedTuple):
    """One row of ``data/inputs``: a default with its range, unit, price basis, evidence grade and source."""

    name: str
    platform: str
    when: tuple[tuple[str, str], ...]
    label: str
    unit: str
    low: float
    base: float
    high: float
    price_basis: str
    grade: str
    confidence: str
    source: str
    note: str

    @property
    def is_money(self) -> bool:
        """Whether the value is a price, converted from its price basis."""
        return self.price_basis != NO_PRICE

    def unit_in(self, currency: str) -> str:
        """The unit with a price's own currency exchanged for another."""
        return self.unit.replace(self.price_basis.split()[0], currency, 1) if self.is_money else self.unit


class Bounds(NamedTuple):
    """What an input's dataclass says of it."""

    unit: str
    at_least: float
    at_most: float


def _number(where: str, name: str, column: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise InputError(where, name, f"{column} {text!r} is not a number") from None
    if not math.isfinite(value):
        raise InputError(where, name, f"{column} {text!r} is not finite")
    return value


@cache
def bounds_of(name: str) -> Bounds | None:
    """Unit and bounds of the input ``area.key`` or ``area.table.item.field``; none where there is no such input."""
    area, _, key = name.partition(".")
    parts = key.split(".")
    for field in fields(AREAS[area]) if area in AREAS else ():
        row = field.metadata.get("table")
        if row is None and field.name == key:
            return Bounds(**field.metadata)
        if row is not None and parts[0] == field.name and len(parts) == 3:
            columns = {column.name: column.metadata for column in fields(row)}
            return Bounds(**columns[parts[2]]) if parts[2] in columns else None
    return None


def _row(file: str, area: str, raw: dict[str, str], line: int) -> Row:
    name = f"{area}.{raw['key']}"
    where = f"{file} line {line}"
    bounds = bounds_of(name)
    if bounds is None:
        raise InputError(where, name, "no input of that name in the area's dataclass")
    low, base, high = (_number(where, name, column, raw[column]) for column in ("low", "base", "high"))
    if not low <= base <= high:
        raise InputError(where, name, f"low {low:g}, base {base:g}, high {high:g} are not in order")
    if low < bounds.at_least or high > bounds.at_most:
        raise InputError(where, name, f"{low:g} to {high:g} leaves {bounds.at_least:g} to {bounds.at_most:g}")
    basis = raw["price_basis"]
    unit = raw["unit"]
    if basis != NO_PRICE:
        currency, _, year = basis.partition(" ")
        if currency not in CURRENCIES or not year.isdigit():
            raise InputError(where, name, f"price basis {basis!r} is not a currency and a year")
        unit = unit.replace(currency, "money", 1)
    if unit != bounds.unit:
        raise InputError(where, name, f"unit {raw['unit']!r} is not {bounds.unit!r}")
    if raw["grade"] not in GRADES:
        raise InputError(where, name, f"grade {raw['grade']!r} is not one of {', '.join(GRADES)}")
    for column in ("label", "source", "platform"):
        if not raw[column].strip():
            raise InputError(where, name, f"{column} is empty")
    when = tuple(tuple(condition.split("=")) for condition in raw["when"].split())
    for condition in when:
        if len(condition) != 2 or condition[1] not in SELECTORS.get(condition[0], ()):
            raise InputError(where, name, f"condition {'='.join(condition)!r} names no choice")
    return Row(
        name=name,
        platform=raw["platform"],
        when=when,  # type: ignore[arg-type]
        label=raw["label"],
        unit=raw["unit"],
        low=low,
        base=base,
        high=high,
        price_basis=basis,
        grade=raw["grade"],
        confidence=raw["confidence"],
        source=raw["source"],
        note=raw["note"],
    )


def _read(path: Path) -> Iterator[Row]:
    area = path.stem
    if area not in AREAS:
        raise InputError(path.name, "", f"no area of that name; areas are {', '.join(AREAS)}")
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise InputError(path.name, "", f"columns must be {', '.join(COLUMNS)}")
        for raw in reader:
            if None in raw or None in raw.values():
                raise InputError(f"{path.name} line {reader.line_num}", "", "wrong number of columns")
            yield _row(path.name, area, raw, reader.line_num)


@dataclass(frozen=True)
class Catalogue:
    """All rows of a folder of inputs."""

    rows: tuple[Row, ...]

    def names(self) -> list[str]:
        """Names of all inputs, each once, in file order."""
        return list(dict.fromkeys(row.name for row in self.rows))

    @cache  # noqa: B019 (one catalogue per folder, kept for the life of the process)
    def select(self, platform: str, setting: str, stage: str, record: str, delivery: str) -> Mapping[str, Row]:
        """The row in use for every input: the one with most conditions among those that hold.

        Two rows that hold with equally many conditions are refused, naming both.
        """
        chosen = dict(zip(SELECTORS, (setting, stage, record, delivery), strict=True))
        best: dict[str, tuple[int, Row]] = {}
        for row in self.rows:
            if row.platform not in ("all", platform) or any(chosen[key] != value for key, value in row.when):
                continue
            score = len(row.when) + (row.platform != "all")
            known = best.get(row.name)
            if known is not None and known[0] == score:
                raise InputError("data/inputs", row.name, f"two rows hold for {platform}, {chosen}")
            if known is None or score > known[0]:
                best[row.name] = score, row
        return {name: row for name, (_, row) in best.items()}

    def check(self, platforms: Iterable[str]) -> None:
        """Refuse a field without a row, for any combination of choices."""
        for platform, *chosen in product(platforms, *SELECTORS.values()):
            rows = self.select(platform, *chosen)
            for name in declared(self):
                if name not in rows:
                    raise InputError("data/inputs", name, f"no row for {', '.join((platform, *chosen))}")


def table_items(names: Mapping[str, Any], area: str, table: str) -> list[str]:
    """Items of a table, from the names of its rows."""
    prefix = f"{area}.{table}."
    return list(dict.fromkeys(name[len(prefix) :].split(".")[0] for name in names if name.startswith(prefix)))


def declared(catalogue: Catalogue) -> list[str]:
    """Names of all inputs that the dataclasses declare, for the table items that have any row."""
    names: list[str] = []
    known = dict.fromkeys(catalogue.names())
    for area, cls in AREAS.items():
        for field in fields(cls):
            row = field.metadata.get("table")
            if row is None:
                names.append(f"{area}.{field.name}")
                continue
            names.extend(
                f"{area}.{field.name}.{item}.{column.name}"
                for item in table_items(known, area, field.name)
                for column in fields(row)
            )
    return names


@cache
def load(folder: Path = INPUTS) -> Catalogue:
    """Read and check every CSV of the folder once; an error names file, line, row and rule."""
    rows = [row for path in sorted(folder.glob("*.csv")) for row in _read(path)]
    return Catalogue(tuple(rows))


def in_scenario_money(
    rows: Mapping[str, Row], values: Mapping[str, Number], currency: str, year: int
) -> dict[str, Number]:
    """Values with every price converted from its own basis to the scenario's currency and price year."""
    exchange, inflation = values["finance.usd_per_eur"], values["finance.cost_inflation"]
    factors: dict[str, Number] = {}
    converted = dict(values)
    for name, value in values.items():
        basis = rows[name].price_basis
        if basis == NO_PRICE:
            continue
        if basis not in factors:
            factors[basis] = price_basis_factor(basis, currency, year, exchange, inflation)
        converted[name] = value * factors[basis]
    return converted


def values_in_use(
    rows: Mapping[str, Row],
    overrides: Mapping[str, Number],
    currency: str,
    year: int,
    given: Mapping[str, Number] | None = None,
) -> dict[str, Number]:
    """Every input's value in scenario money: the default (or the ``given`` draw in the row's own price basis),
    under the user's overrides, which already stand in scenario money."""
    values = {name: row.base for name, row in rows.items()} | dict(given or {})
    values |= {name: value for name, value in overrides.items() if not rows[name].is_money}
    return in_scenario_money(rows, values, currency, year) | dict(overrides)


@cache
def layout(names: tuple[str, ...]) -> dict[str, list[tuple[str, str | dict[str, list[str]]]]]:
    """Where each input goes: for every area its fields in order, each an input's name or a table of them."""
    places: dict[str, list[tuple[str, str | dict[str, list[str]]]]] = {}
    for area, cls in AREAS.items():
        places[area] = []
        for field in fields(cls):
            row = field.metadata.get("table")
            if row is None:
                places[area].append((field.name, f"{area}.{field.name}"))
                continue
            columns = [column.name for column in fields(row)]
            items = table_items(dict.fromkeys(names), area, field.name)
            of_item = {item: [f"{area}.{field.name}.{item}.{column}" for column in columns] for item in items}
            places[area].append((field.name, of_item))
    return places


def assemble(values: Mapping[str, Number]) -> Areas:
    """The typed areas from values by name."""
    built = {}
    for area, places in layout(tuple(values)).items():
        cls = AREAS[area]
        arguments: dict[str, Any] = {}
        for key, place in places:
            if isinstance(place, str):
                arguments[key] = values[place]
            else:
                row = TABLES[area, key]
                arguments[key] = {item: row(*[values[name] for name in names]) for item, names in place.items()}
        built[area] = cls(**arguments)
    return Areas(**built)


def checked_override(where: str, name: str, value: object) -> float:
    """A user's value for an input: a finite number inside its bounds, else one line that says what is allowed."""
    bounds = bounds_of(name)
    if bounds is None:
        raise InputError(where, name, "no input of that name")
    try:
        return within(bounds, value)
    except ValueError as error:
        raise InputError(where, name, str(error)) from None


def within(bounds: Bounds, value: object) -> float:
    """A finite number inside its bounds; ``ValueError`` says what is allowed."""
    allowed = f"allowed are {bounds.at_least:.15g} to {bounds.at_most:.15g} {bounds.unit}"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"{value!r} is not a number; {allowed}")
    if not math.isfinite(value) or not bounds.at_least <= value <= bounds.at_most:
        raise ValueError(f"{value!r} is out of range; {allowed}")
    return float(value)
