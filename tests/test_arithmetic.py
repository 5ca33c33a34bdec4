"""The helpers: values, the slack at whole numbers, shapes and types."""

import math
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecost.arithmetic import ceil, floor, maximum, minimum, where

FLOATS = st.floats(-1e8, 1e8)
WHOLE = st.integers(0, 1_000_000)


class Pair(NamedTuple):
    """A record of two numbers."""

    first: Any
    second: Any


LISTS = st.lists(FLOATS, min_size=1, max_size=6)


@pytest.mark.parametrize(
    ("x", "up", "down"),
    [
        (0.0, 0.0, 0.0),
        (0.2, 1.0, 0.0),
        (1.0, 1.0, 1.0),
        (2.5, 3.0, 2.0),
        (-0.5, 0.0, -1.0),
        (-2.0, -2.0, -2.0),
        (3, 3.0, 3.0),
        (2.0001, 3.0, 2.0),
        (2.9999, 3.0, 2.0),
    ],
)
def test_ceil_and_floor(x: float, up: float, down: float) -> None:
    assert ceil(x) == up
    assert floor(x) == down
    assert ceil(np.array([x]))[0] == up
    assert floor(np.array([x]))[0] == down


@pytest.mark.parametrize(
    ("x", "whole"),
    [
        (0.1 * 3 * 10, 3.0),  # 3.0000000000000004
        ((0.1 + 0.2) * 10, 3.0),  # 3.0000000000000004
        (1.1 * 1.1 / 1.21, 1.0),  # 1.0000000000000002
        (0.7 * 10 * 10, 70.0),
        (4.35 * 100, 435.0),  # 434.99999999999994
        (0.57 * 100, 57.0),  # 56.99999999999999
        (1 / 49 * 49, 1.0),  # 0.9999999999999999
    ],
)
def test_I_73_whole_numbers_by_awkward_routes(x: float, whole: float) -> None:
    assert ceil(x) == whole
    assert floor(x) == whole


@given(WHOLE, st.sampled_from([1 - 1e-12, 1.0, 1 + 1e-12]))
def test_I_73_a_whole_number_almost_hit_is_that_number(n: int, factor: float) -> None:
    assert ceil(n * factor) == n
    assert floor(n * factor) == n
    assert ceil(np.array([n * factor]))[0] == n
    assert floor(np.array([n * factor]))[0] == n


@given(WHOLE, st.floats(1e-6, 1 - 1e-6))
def test_a_number_clearly_between_two_whole_ones_is_rounded_up_and_down(n: int, part: float) -> None:
    # The slack is one part in 10⁹; the part is at least 1e-6 of a unit and n at most 500, so it is never swallowed.
    small = n % 500
    assert ceil(small + part) == small + 1
    assert floor(small + part) == small


@given(LISTS)
def test_I_64_arrays_give_what_floats_give(values: list[float]) -> None:
    array = np.array(values)
    other = array[::-1].copy()
    for helper in (ceil, floor):
        assert list(helper(array)) == [helper(value) for value in values]
    for pair in (maximum, minimum):
        assert list(pair(array, other)) == [pair(x, y) for x, y in zip(values, values[::-1], strict=True)]
        assert list(pair(array, 1.5)) == [pair(x, 1.5) for x in values]
        assert list(pair(1.5, array)) == [pair(1.5, x) for x in values]
    assert list(where(array > 0, array, 7.0)) == [x if x > 0 else 7.0 for x in values]


@given(FLOATS, FLOATS)
def test_of_two_floats(x: float, y: float) -> None:
    assert maximum(x, y) == max(x, y)
    assert minimum(x, y) == min(x, y)
    assert where(x > y, x, y) == max(x, y)
    assert maximum(x, y) + minimum(x, y) == x + y


def test_floats_stay_plain_floats() -> None:
    for value in (
        ceil(2.5),
        ceil(2),
        floor(2.5),
        floor(2),
        maximum(1.0, 2.0),
        minimum(1.0, 2.0),
        where(True, 1.0, 2.0),
    ):
        assert type(value) is float


def test_a_whole_number_beside_a_float_is_compared_by_value() -> None:
    assert maximum(1, 2.5) == 2.5
    assert maximum(3, 2.5) == 3
    assert minimum(1, 2.5) == 1


@pytest.mark.parametrize("shape", [(1,), (3,), (2, 3)])
def test_shapes_are_kept(shape: tuple[int, ...]) -> None:
    array = np.full(shape, 1.5)
    for result in (ceil(array), floor(array), maximum(array, 1.0), minimum(1.0, array), where(array > 1, array, 0.0)):
        assert result.shape == shape
        assert result.dtype == np.float64


def test_where_of_a_plain_condition_hands_back_the_thing_itself() -> None:
    array = np.array([1.0, 2.0])
    assert where(True, array, 0.0) is array
    assert where(False, 0.0, array) is array
    assert where(True, "left", "right") == "left"


def test_where_picks_records_field_by_field() -> None:
    picked = where(np.array([True, False]), Pair(1.0, 10.0), Pair(2.0, np.array([20.0, 30.0])))
    assert type(picked) is Pair
    assert list(picked.first) == [1.0, 2.0]
    assert list(picked.second) == [10.0, 30.0]


def test_ties_and_infinities() -> None:
    assert maximum(2.0, 2.0) == 2.0
    assert minimum(2.0, 2.0) == 2.0
    assert maximum(-math.inf, 1.0) == 1.0
    assert minimum(math.inf, 1.0) == 1.0
