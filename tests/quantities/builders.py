"""What the hand-worked cases share: areas that hold only stated numbers, closeness, and rows of an array run.

An input that a case does not state is not a number, so a formula that reads it cannot give the expected result.
"""

import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from dosecost.recipes import Device, Recipe, Step


def stated(cls: Any, **values: Any) -> Any:
    """An area or a record with the stated values and nothing else."""
    names = [column.name for column in fields(cls)] if is_dataclass(cls) else list(cls._fields)
    assert set(values) <= set(names), set(values) - set(names)
    return cls(**dict.fromkeys(names, math.nan) | values)


def nothing(cls: Any, **values: Any) -> Any:
    """A record whose every number is 0 but for the stated ones."""
    return stated(cls, **dict.fromkeys(cls._fields, 0.0) | values)


def exactly(value: Any) -> Any:
    """The value to one part in 10¹²: for any sum of money of a case far less than a cent."""
    return pytest.approx(value, rel=1e-12, abs=1e-9)


def recipe(steps: list[Step], devices: tuple[Device, ...] = (), limiting: str = "") -> Recipe:
    """A recipe of these steps: grade B for open work, C for the rest."""
    room = (("open", "B"), ("briefly_open", "B"), ("closed", "C"))
    return Recipe("small", "Small", "", limiting, room, tuple(steps), devices)


def numbers(result: Any) -> list[Any]:
    """All numbers of a result, in order."""
    if isinstance(result, str):
        return []
    if isinstance(result, dict):
        return [number for value in result.values() for number in numbers(value)]
    if isinstance(result, (tuple, list)):
        return [number for value in result for number in numbers(value)]
    return [result]


def check_rows(function: Callable[..., Any], **draws: list[float]) -> None:
    """The function of arrays gives, row by row, what it gives of the floats of that row (I-64)."""
    together = numbers(function(**{name: np.array(values) for name, values in draws.items()}))
    count = len(next(iter(draws.values())))
    assert any(np.shape(number) == (count,) for number in together)
    for row in range(count):
        alone = numbers(function(**{name: values[row] for name, values in draws.items()}))
        assert all(type(number) in (float, int) for number in alone), [type(number) for number in alone]
        picked = [number[row] if np.shape(number) else number for number in together]
        assert picked == pytest.approx(alone, rel=1e-12, abs=1e-12)
