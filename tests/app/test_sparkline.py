"""The drawings beside the levers: marks lie on their curve, order is kept, what has no end is drawn and never lost."""

import math
import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from coloraide import Color
from hypothesis import given
from hypothesis import strategies as some

from dosecost_app import palette, sparkline

NAN = math.nan
SIDEBARS = ("#f2f5f5", "#18232a", palette.BACKGROUND_LIGHT, palette.BACKGROUND_DARK)
RESULTS = some.lists(some.one_of(some.floats(-1e9, 1e9), some.just(NAN)), min_size=2, max_size=60)


def on(corners: list[sparkline.Point], point: sparkline.Point) -> bool:
    """Whether a point lies on the line through some corners."""
    for (x1, y1), (x2, y2) in pairwise(corners):
        if x1 <= point.x <= x2:
            y = y1 + (point.x - x1) / ((x2 - x1) or 1.0) * (y2 - y1)
            if abs(y - point.y) < 1e-6:
                return True
    return False


@given(RESULTS, some.data())
def test_the_present_mark_lies_on_the_curve_and_everything_inside(results: list[float], data: some.DataObject) -> None:
    values = [float(i) for i in range(len(results))]
    present = data.draw(some.sampled_from(values))
    made = sparkline.curve(values, results, present)
    assert made.present is not None
    assert on(made.points, made.present)
    assert made.present == made.points[int(present)]
    assert all(0 <= x <= 100 and 0 <= y <= sparkline.CURVE_HEIGHT for x, y in made.points)
    ElementTree.fromstring(made.svg)


def test_falling_results_make_a_falling_path() -> None:
    made = sparkline.curve([1, 2, 3, 4], [40.0, 30.0, 20.0, 10.0], 3)
    assert [x for x, _ in made.points] == sorted(x for x, _ in made.points)
    assert [y for _, y in made.points] == sorted(y for _, y in made.points)
    corners = re.search(r'points="([^"]+)"', made.svg)
    assert corners
    assert [float(pair.split(",")[1]) for pair in corners.group(1).split()] == [round(y, 2) for _, y in made.points]


def test_what_hardly_matters_looks_flat() -> None:
    made = sparkline.curve([1, 2], [100.0, 100.5], 1)
    assert abs(made.points[0].y - made.points[1].y) < 2
    strip = sparkline.strip([100.0, 100.5], 0)
    assert abs(strip.points[0].x - strip.points[1].x) < 6


def test_a_stretch_without_end_is_dashed_and_above_all_others() -> None:
    made = sparkline.curve([1, 2, 3, 4, 5], [NAN, 30.0, 20.0, NAN, NAN], 4)
    assert made.svg.count("<polyline") == 3
    assert made.svg.count("stroke-dasharray") == 2
    assert {made.points[i].y for i in (0, 3, 4)} == {sparkline.PAD}
    assert min(made.points[1].y, made.points[2].y) > sparkline.PAD
    assert made.present == made.points[3]


def test_nothing_but_results_without_end_is_drawn_too() -> None:
    assert sparkline.curve([1, 2], [NAN, NAN], 1).svg.count("<polyline") == 1
    assert {x for x, _ in sparkline.strip([None, None], 0).points} == {100 - sparkline.INSET}


def test_a_strip_has_one_mark_an_option_in_the_order_of_results() -> None:
    made = sparkline.strip([20.0, None, 10.0, 15.0], 3)
    order = sorted(range(4), key=lambda i: made.points[i].x)
    assert order == [2, 3, 0, 1]
    assert made.present == made.points[3]
    assert made.svg.count("<line ") == 3
    assert made.svg.count("<circle ") == 1
    assert sparkline.strip([20.0, 10.0], None).svg.count("<circle ") == 0


@pytest.mark.parametrize("colour", [sparkline.LINE, sparkline.MARK])
@pytest.mark.parametrize("ground", SIDEBARS)
def test_both_colours_are_seen_on_every_background(colour: str, ground: str) -> None:
    assert Color(colour).contrast(ground) >= 3


def test_a_drawing_holds_no_text_and_fits() -> None:
    made = sparkline.curve([1, 2], [1.0, 2.0], 1), sparkline.strip([1.0, 2.0], 0)
    assert not any("<text" in drawing.svg for drawing in made)
    assert max(sparkline.CURVE_HEIGHT, sparkline.STRIP_HEIGHT) <= 40
