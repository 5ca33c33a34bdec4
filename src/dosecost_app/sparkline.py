"""Small drawings beside a lever, as SVG text: a curve with the present value on it, or a strip with a mark an option.

A drawing is as wide as its place and of fixed height. It holds no text: figures stand below it and in its ``alt``. Its
two colours have 3:1 contrast on both themes' backgrounds, and shape says what colour says.
"""

import math
from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote

LINE = "#74828a"
MARK = "#148a85"
CURVE_HEIGHT = 34.0
STRIP_HEIGHT = 18.0
INSET = 2.0
"""Per cent of the width kept free at both ends, for the mark."""
PAD = 6.0
"""Pixels kept free above and below."""
LEAST_SPAN = 0.1
"""Least range shown, as a share of the present result: what hardly matters looks flat."""
BEYOND = 4.0
"""Pixels between the highest finite result and the line of those that have no end."""

Result = float | None
"""A result; none or NaN has no end and is drawn beyond the largest."""


class Point(NamedTuple):
    """A place in a drawing: per cent of the width, pixels from the top."""

    x: float
    y: float


class Drawing(NamedTuple):
    """Marks, the present one among them if there is one, and the SVG that draws them, with its height in pixels."""

    points: list[Point]
    present: Point | None
    svg: str
    height: float

    def image(self, alt: str) -> str:
        """The drawing as an HTML image that says ``alt``."""
        style = f"display: block; width: 100%; height: {self.height:g}px"
        return f'<img alt="{escape(alt)}" style="{style}" src="data:image/svg+xml,{quote(self.svg)}">'


def endless(result: Result) -> bool:
    """Whether a result has no end."""
    return result is None or math.isnan(result)


def span(results: Sequence[Result], present: Result) -> tuple[float, float]:
    """The range of results that is shown."""
    finite = [float(result) for result in results if result is not None and not math.isnan(result)]
    if not finite:
        return 0.0, 1.0
    low, high = min(finite), max(finite)
    around = low if present is None or math.isnan(present) else present
    missing = LEAST_SPAN * abs(around) - (high - low)
    if missing > 0 or high == low:
        room = max(missing, 1e-9) / 2
        return low - room, high + room
    return low, high


def curve(values: Sequence[float], results: Sequence[Result], present: float) -> Drawing:
    """Results over the range of a lever, larger ones higher; a stretch that has no end is a dashed line on top."""
    at = min(range(len(values)), key=lambda i: abs(values[i] - present))
    low, high = span(results, results[at])
    some_endless = any(endless(result) for result in results)
    top = PAD + BEYOND if some_endless else PAD
    points = [
        Point(
            _across((value - values[0]) / ((values[-1] - values[0]) or 1.0)),
            PAD if result is None or math.isnan(result) else _down(result, low, high, top),
        )
        for value, result in zip(values, results, strict=True)
    ]
    parts = []
    for beyond, run in groupby(range(len(points)), key=lambda i: endless(results[i])):
        stretch = [points[i] for i in run]
        parts.append(_path(stretch, "4 3" if beyond else ""))
    return _drawing(CURVE_HEIGHT, points, points[at], "".join(parts), [])


def strip(results: Sequence[Result], present: int | None) -> Drawing:
    """A mark for each option, larger results further right; those that have no end at the right end."""
    low, high = span(results, None if present is None else results[present])
    end = 0.92 if any(endless(result) for result in results) and not all(map(endless, results)) else 1.0
    points = [
        Point(
            _across(1.0 if result is None or math.isnan(result) else end * (result - low) / (high - low)),
            STRIP_HEIGHT / 2,
        )
        for result in results
    ]
    ends = _path([Point(_across(0.0), STRIP_HEIGHT / 2), Point(_across(1.0), STRIP_HEIGHT / 2)], "", 1.0)
    others = [point for i, point in enumerate(points) if i != present]
    return _drawing(STRIP_HEIGHT, points, None if present is None else points[present], ends, others)


def _across(share: float) -> float:
    return INSET + share * (100 - 2 * INSET)


def _down(result: float, low: float, high: float, top: float) -> float:
    return CURVE_HEIGHT - PAD - (result - low) / (high - low) * (CURVE_HEIGHT - PAD - top)


def _path(points: Sequence[Point], dashes: str, width: float = 2.0) -> str:
    if len(points) == 1:
        points = [Point(points[0].x - 0.5, points[0].y), Point(points[0].x + 0.5, points[0].y)]
    corners = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{corners}" fill="none" stroke="{LINE}" stroke-width="{width:g}"'
        f' vector-effect="non-scaling-stroke"{dashed}/>'
    )


def _drawing(height: float, points: list[Point], present: Point | None, lines: str, ticks: Sequence[Point]) -> Drawing:
    stretched = (
        f'<svg x="0" y="0" width="100%" height="{height:g}" viewBox="0 0 100 {height:g}"'
        f' preserveAspectRatio="none">{lines}</svg>'
    )
    marks = "".join(
        f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{y - 6:.2f}" y2="{y + 6:.2f}" stroke="{LINE}" stroke-width="2"/>'
        for x, y in ticks
    )
    if present is not None:
        marks += f'<circle cx="{present.x:.2f}%" cy="{present.y:.2f}" r="5" fill="{MARK}"/>'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="100%" height="{height:g}">{stretched}{marks}</svg>'
    return Drawing(points, present, svg, height)
