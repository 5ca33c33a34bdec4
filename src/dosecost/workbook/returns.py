"""Value, rates of return and payback as formulas: series of monthly flows in columns, a grid of rates, bisections.

The same steps as ``finance``: the present value at every rate of the grid, the sign changes among those that are clear
of rounding, and between two of them a bisection.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from dosecost.finance import BISECTIONS, MONTHS_PER_YEAR, MOST_RATES, NOISE, RATES
from dosecost.trace import Traced
from dosecost.workbook.formulas import NOTHING, Cell, Formulas, absolute, literal, quoted, span

FLOWS = "Returns"
GRID = "Rates"
FIRST = 9
"""Row of month 1 below the figures of each series."""
GRID_FIRST = 3
NEVER = "the flows never change sign"
SEVERAL = "several rates do"
NO_RATE = "no rate brings the present value to zero"


class Series(NamedTuple):
    """Monthly flows in a column, their running sum beside it, and the place of their rates among the grids."""

    title: str
    flows: tuple[Any, ...]
    column: int
    grid: int | None

    @property
    def first(self) -> Cell:
        """Month 1."""
        return Cell(FLOWS, FIRST, self.column)

    @property
    def last(self) -> Cell:
        """The last month."""
        return Cell(FLOWS, FIRST + len(self.flows) - 1, self.column)

    @property
    def range(self) -> str:
        """All months."""
        return span(self.first, self.last)

    def head(self, row: int) -> Cell:
        """A cell above the flows."""
        return Cell(FLOWS, row, self.column)

    @property
    def sums(self) -> str:
        """The running sums of all months."""
        return span(self.first._replace(column=self.column + 1), self.last._replace(column=self.column + 1))


PERIOD = 4
"""Columns of the grid that one series takes: value, sign, crossings so far, and one free."""
ROOT = 4
"""Columns that one bisection takes: low, high, middle, value."""


class Returns:
    """Gathers the series that formulas need, and writes their columns, grids and bisections."""

    def __init__(self) -> None:
        self.series: dict[tuple[int, ...], Series] = {}
        self._grids = 0

    def formula(self, f: Formulas, node: Traced) -> str:
        """An operation on a series as a formula."""
        if node.operation == "net_present_value":
            series = self._series(f, node.parents[1:], rates=False)
            rate = f.within(node.parents[0], 1)
            return f"NPV((1+{rate})^(1/{literal(MONTHS_PER_YEAR)})-1,{series.range})"
        if node.operation == "crossing_rate":
            return str(self._root(self._series(f, node.parents[1:], rates=True), int(node.parents[0])))
        series = self._series(f, node.parents, rates=node.operation != "payback_month")
        if node.operation == "payback_month":
            below = f"SUMPRODUCT(MAX(({series.sums}<0)*{_months(series)}))"
            return f"IF(OR({below}=0,{below}={len(series.flows)}),{literal(NOTHING)},{below}+1)"
        changes = f'AND(COUNTIF({series.range},">0")>0,COUNTIF({series.range},"<0")>0)'
        count = self._count(series)
        if node.operation == "rate_of_return":
            return f"IF(AND({changes},{count}=1),{self._root(series, 0)},{literal(NOTHING)})"
        many = f"IF({count}>1,{literal(SEVERAL)},{literal(NO_RATE)})"
        return f'IF({changes},IF({count}=1,"",{many}),{literal(NEVER)})'

    def _series(self, f: Formulas, flows: Sequence[Any], rates: bool) -> Series:
        key = tuple(f.number(flow) if isinstance(flow, Traced) else hash(flow) for flow in flows)
        known = self.series.get(key)
        if known is None:
            known = Series(f.figure, tuple(flows), 1 + 2 * len(self.series), None)
        if rates and known.grid is None:
            known = known._replace(grid=self._grids)
            self._grids += 1
        self.series[key] = known
        return known

    @staticmethod
    def _count(series: Series) -> str:
        return str(_grid(series, len(RATES) - 1, 2))

    @staticmethod
    def _root(series: Series, i: int) -> Cell:
        assert series.grid is not None
        return Cell(GRID, 0, _roots_from(series.grid) + i * ROOT)

    def months(self) -> int:
        """Months of the longest series."""
        return max((len(series.flows) for series in self.series.values()), default=0)

    def cells(self, f: Formulas) -> None:
        """Note the formulas of all columns, grids and bisections, with the values they give."""
        for series in self.series.values():
            self._columns(f, series)
        if self._grids:
            for i, rate in enumerate(RATES):
                f.written[Cell(GRID, GRID_FIRST + i, 0)] = ("", float(rate))
        for series in self.series.values():
            if series.grid is not None:
                self._grid(f, series)

    @staticmethod
    def _columns(f: Formulas, series: Series) -> None:
        running = 0.0
        for i, flow in enumerate(series.flows):
            cell = series.first._replace(row=FIRST + i)
            f.alias(flow, cell, f"{FLOWS} {i + 1}")
            value = f.written[cell][1]
            running += value
            before = f"{absolute(cell.row - 1, cell.column + 1)}+" if i else ""
            f.written[cell._replace(column=cell.column + 1)] = (f"={before}{absolute(cell.row, cell.column)}", running)

    @staticmethod
    def _grid(f: Formulas, series: Series) -> None:
        values = [float(flow.value) if isinstance(flow, Traced) else float(flow) for flow in series.flows]
        noise_value = NOISE * sum(map(abs, values))
        noise = Cell(GRID, 1, _grid(series, 0, 0).column)
        f.written[noise] = (f"={literal(NOISE)}*SUMPRODUCT(ABS({series.range}))", noise_value)
        sign, count, before = 0.0, 0.0, float(RATES[0])
        found: list[tuple[float, float]] = []
        present = _present_values(values)
        for i, rate in enumerate(map(float, RATES)):
            value, sign_at, count_at = (_grid(series, i, k) for k in range(3))
            above = [absolute(cell.row - 1, cell.column) if i else "0" for cell in (sign_at, count_at)]
            here = absolute(value.row, 0)
            f.written[value] = (
                f"=NPV((1+{here})^(1/{literal(MONTHS_PER_YEAR)})-1,{series.range})",
                present[i],
            )
            is_clear = abs(present[i]) > noise_value
            new = float((present[i] > 0) - (present[i] < 0)) if is_clear else sign
            crossed = sign != 0 and new != sign
            if crossed:
                found.append((before, rate))
            held = f"ABS({absolute(value.row, value.column)})>{absolute(noise.row, noise.column)}"
            f.written[sign_at] = (f"=IF({held},SIGN({absolute(value.row, value.column)}),{above[0]})", new)
            now = absolute(sign_at.row, sign_at.column)
            step = f"IF(AND({above[0]}<>0,{now}<>{above[0]}),1,0)"
            count += crossed
            f.written[count_at] = (f"={above[1]}+{step}", count)
            sign, before = new, rate
        for i in range(MOST_RATES):
            _bisection(f, series, i, found[i] if i < len(found) else None, values)


def _months(series: Series) -> str:
    return span(Cell(FLOWS, FIRST, 0), Cell(FLOWS, FIRST + len(series.flows) - 1, 0))


def _grid(series: Series, row: int, column: int) -> Cell:
    assert series.grid is not None
    return Cell(GRID, GRID_FIRST + row, 1 + series.grid * (PERIOD + MOST_RATES * ROOT) + column)


def _roots_from(grid: int) -> int:
    return 1 + grid * (PERIOD + MOST_RATES * ROOT) + PERIOD


def _present_values(flows: Sequence[float], rates: Any = RATES) -> list[float]:
    import numpy as np

    months = np.arange(1, len(flows) + 1)
    found = (1.0 + np.asarray(rates)[:, None]) ** (-months / MONTHS_PER_YEAR) * np.asarray(flows)
    return [float(value) for value in found.sum(axis=1)]


def _bisection(
    f: Formulas, series: Series, i: int, bracket: tuple[float, float] | None, flows: Sequence[float]
) -> None:
    """The ``i``-th crossing between the two rates of the grid about it; the rate itself stands on top."""
    column = Returns._root(series, i).column
    counts = span(_grid(series, 0, 2), _grid(series, len(RATES) - 1, 2))
    rates = span(Cell(GRID, GRID_FIRST, 0), Cell(GRID, GRID_FIRST + len(RATES) - 1, 0))
    there = f"{_grid(series, len(RATES) - 1, 2)}>{i}"
    at = f"MATCH({i + 1},{counts},0)"
    low, high = bracket or (0.0, 0.0)
    f.written[Cell(GRID, GRID_FIRST, column)] = (f"=IF({there},INDEX({rates},{at}-1),0)", low)
    f.written[Cell(GRID, GRID_FIRST, column + 1)] = (f"=IF({there},INDEX({rates},{at}),0)", high)
    top = f"(1+{absolute(GRID_FIRST, column + 1)})^(1/{literal(MONTHS_PER_YEAR)})-1"
    rising = Cell(GRID, 1, column)
    is_rising = _present_values(flows, [high])[0] > 0
    f.written[rising] = (f"=IF(NPV({top},{series.range})>0,1,0)", float(is_rising))
    for step in range(BISECTIONS):
        row = GRID_FIRST + step
        lows, highs, mid, value = (absolute(row, column + k) for k in range(ROOT))
        middle = (low + high) / 2.0
        worth = _present_values(flows, [middle])[0]
        f.written[Cell(GRID, row, column + 2)] = (f"=({lows}+{highs})/2", middle)
        f.written[Cell(GRID, row, column + 3)] = (
            f"=NPV((1+{mid})^(1/{literal(MONTHS_PER_YEAR)})-1,{series.range})",
            worth,
        )
        same = f"({value}>0)=({absolute(rising.row, rising.column)}=1)"
        up = (worth > 0) == is_rising
        f.written[Cell(GRID, row + 1, column)] = (f"=IF({same},{lows},{mid})", low if up else middle)
        f.written[Cell(GRID, row + 1, column + 1)] = (f"=IF({same},{mid},{highs})", middle if up else high)
        low, high = (low, middle) if up else (middle, high)
    end = GRID_FIRST + BISECTIONS
    mean = f"({absolute(end, column)}+{absolute(end, column + 1)})/2"
    value_found: Any = (low + high) / 2.0 if bracket else NOTHING
    f.written[Cell(GRID, 0, column)] = (f"=IF({there},{mean},{literal(NOTHING)})", value_found)


def sheet_titles() -> dict[str, str]:
    """What each of the two sheets holds."""
    return {
        FLOWS: f"Monthly flows and their running sum; {quoted(GRID)} looks for rates of return among them.",
        GRID: "Present value at each yearly rate, its sign where clear of rounding, crossings so far; then bisections.",
    }
