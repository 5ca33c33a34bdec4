"""What a figure is called, what it means and its unit: read from ``data/figures/kinds.csv`` by the figure's name."""

import csv
import re
from functools import cache, lru_cache
from typing import NamedTuple

from dosecost.errors import InputError
from dosecost.inputs import DATA

KINDS = DATA / "figures" / "kinds.csv"
COLUMNS = ["name", "label", "unit", "meaning"]
YEARS = (
    (re.compile(r"phases\.([^.]+)\."), "in {}"),
    (re.compile(r"after\.([^.]+)\.hubs\.([^.]+)\.phases\.([^.]+)\."), "after {} on the site {} in {}"),
    (re.compile(r"after\.([^.]+)\.hubs\.([^.]+)\."), "after {} on the site {}"),
    (re.compile(r"after\.([^.]+)\.phases\.([^.]+)\."), "after {} in {}"),
    (re.compile(r"after\.([^.]+)\."), "after {}"),
    (re.compile(r"without_patients\."), "without patients"),
    (re.compile(r"as_bought\."), "as the plant is bought"),
)
"""How names of figures of another year than that of the full rate begin, and which year that is."""
MONEY = re.compile(r"\bmoney\b")


class Meaning(NamedTuple):
    """A figure's name in words, one sentence that says what it is, and its unit (money as ``money``)."""

    label: str
    text: str
    unit: str


class _Kind(NamedTuple):
    pattern: re.Pattern[str]
    label: str
    unit: str
    meaning: str


def meaning_of(name: str) -> Meaning | None:
    """What a figure means; none where ``data/figures`` has no kind of that name."""
    for begins, words in YEARS:
        if (found := begins.match(name)) is not None:
            year = words.format(*map(spoken, found.groups()))
            inner = meaning_of(name[found.end() :])
            return inner and Meaning(f"{inner.label} {year}", f"{inner.text}, {year}", inner.unit)
    return _meaning_of(name)


@lru_cache(maxsize=20_000)
def _meaning_of(name: str) -> Meaning | None:
    for kind in _kinds().get(name.partition(".")[0], []):
        if (found := kind.pattern.fullmatch(name)) is not None:
            items = [spoken(item) for item in found.groups()]
            return Meaning(kind.label.format(*items), kind.meaning.format(*items), kind.unit)
    return None


def spoken(name: str) -> str:
    """A part of a name as people read it: ``idle.labour.people`` as ``idle, labour, people``."""
    return name.strip(".").replace(".", ", ").replace("_", " ")


def unit_in(unit: str, currency: str) -> str:
    """A unit with the scenario's currency for ``money``."""
    return MONEY.sub(currency, unit)


@cache
def _kinds() -> dict[str, list[_Kind]]:
    """Kinds by the first part of their names; of two that fit a name the first holds."""
    found: dict[str, list[_Kind]] = {}
    with KINDS.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        if reader.fieldnames != COLUMNS:
            raise InputError(KINDS.name, "", f"columns must be {', '.join(COLUMNS)}")
        for raw in reader:
            if None in raw or not all(raw.values()):
                raise InputError(f"{KINDS.name} line {reader.line_num}", raw["name"], "a column is empty or too many")
            pattern = re.compile(re.escape(raw["name"]).replace(r"\*", "(.*)" if raw["name"][-2] != "." else "(.+)"))
            head = raw["name"].partition(".")[0].rstrip("*")
            found.setdefault(head, []).append(_Kind(pattern, raw["label"], raw["unit"], raw["meaning"]))
    return found
