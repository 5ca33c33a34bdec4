"""How an area declares its inputs: type, unit and bounds in the dataclass, default and source in ``data/inputs``."""

from dataclasses import field
from typing import Any

LARGEST = 1e12
"""No input or override may exceed this; it keeps every product of the model finite."""


def quantity(unit: str, at_least: float = 0.0, at_most: float | None = None) -> Any:
    """Declare one input of an area.

    ``unit`` is the unit of the CSV row with its currency written ``money`` (``money/plate``). A fraction may not
    exceed 1 unless ``at_most`` says so; everything else is bounded by ``LARGEST``.
    """
    if at_most is None:
        at_most = 1.0 if unit.split("/")[0] == "fraction" else LARGEST
    return field(metadata={"unit": unit, "at_least": at_least, "at_most": at_most})


def table(row: type) -> Any:
    """Declare a table of inputs: named items, each with the fields of the dataclass ``row``."""
    return field(metadata={"table": row})


def plain(record: Any) -> dict[str, Any]:
    """The fields of a flat dataclass as they are; ``dataclasses.asdict`` copies each and takes ten times as long."""
    return {name: getattr(record, name) for name in record.__dataclass_fields__}
