"""The user's own evidence for an input: a quote with its range, source and date, which travels with the scenario."""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dosecost import inputs
from dosecost.errors import InputError
from dosecost.fields import plain

KEY = "quotes"
MOST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Quote:
    """Where a number of the user's comes from: its range in scenario money or the input's unit, the source, and the
    date of it (ISO 8601)."""

    low: float
    high: float
    source: str
    date: str


NONE: Mapping[str, Quote] = {}


def read(where: str, raw: object, own: Mapping[str, float]) -> dict[str, Quote]:
    """Quotes by input, for the user's ``own`` numbers. Raises ``InputError`` that names input, field and range."""
    if not isinstance(raw, Mapping):
        raise InputError(where, KEY, "needs an object")
    return {name: one(where, name, raw[name], own) for name in sorted(raw)}


def one(where: str, name: str, raw: object, own: Mapping[str, float]) -> Quote:
    """A quote for one input of the user's own."""
    key = f"{KEY}.{name}"
    fields = tuple(Quote.__dataclass_fields__)
    if not isinstance(raw, Mapping) or set(raw) != set(fields):
        raise InputError(where, key, f"needs an object with {', '.join(fields)}")
    if name not in own:
        raise InputError(where, key, "is no number of your own: set the input to what was quoted first")
    low, high = (inputs.checked_override(f"{where}: {key}.{end}", name, raw[end]) for end in ("low", "high"))
    if not low <= own[name] <= high:
        raise InputError(where, key, f"{own[name]:g} does not lie in the range of your quote, {low:g} to {high:g}")
    source = raw["source"]
    if not isinstance(source, str) or not source.strip() or len(source) > MOST_TEXT:
        raise InputError(where, f"{key}.source", f"needs a text of 1 to {MOST_TEXT} characters")
    if not _is_day(raw["date"]):
        raise InputError(where, f"{key}.date", f"{raw['date']!r} is not a date like 2026-11-24")
    return Quote(low, high, source, raw["date"])


def _is_day(text: object) -> bool:
    found = re.fullmatch(r"([12]\d{3})-(\d{2})-(\d{2})", text) if isinstance(text, str) else None
    if found is None:
        return False
    year, month, day = map(int, found.groups())
    return 1 <= month <= len(calendar.month_name) - 1 and 1 <= day <= calendar.monthrange(year, month)[1]


def body(quotes: Mapping[str, Quote]) -> dict[str, Any]:
    """Quotes as plain data."""
    return {name: plain(quote) for name, quote in quotes.items()}
