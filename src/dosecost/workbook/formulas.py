"""Traced numbers as spreadsheet formulas: operators and helpers in a sheet's words, shared parts in own cells.

A figure that has a place is written as a reference to it. What has none and is needed more than once, or would make a
formula long, gets a place among the workings.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from dosecost.arithmetic import NODES, SLACK
from dosecost.figures import Identities
from dosecost.formulas import TIGHTNESS
from dosecost.trace import Traced

SYMBOLS = {"**": "^"}
ATOM = 4
LONGEST_INSIDE = 400
"""Characters that a part without a place may have inside a formula."""
SHARED_FROM = 3
"""Operations from which on a part that is needed twice gets a place."""
MOST_INSIDE = 12
"""Terms without a place that a sum may hold."""
RUN = 3
"""Neighbouring cells from which on their sum is written as a range."""
NOTHING = "none"
"""What a cell says where a figure does not exist."""

SERIES = ("net_present_value", "payback_month", "rate_of_return", "no_rate_because", "crossing_rate")
"""Operations on a series of monthly flows, which stand on a sheet of their own."""


class Cell(NamedTuple):
    """A place: sheet, row and column, both from 0, and the name of the cell where it has one."""

    sheet: str
    row: int
    column: int
    name: str = ""

    def __str__(self) -> str:
        return self.name or f"{quoted(self.sheet)}!{absolute(self.row, self.column)}"


def absolute(row: int, column: int) -> str:
    """``$C$7`` of a row and column from 0."""
    letters, rest = "", column + 1
    while rest:
        rest, last = divmod(rest - 1, 26)
        letters = chr(ord("A") + last) + letters
    return f"${letters}${row + 1}"


def quoted(sheet: str) -> str:
    """A sheet's name as formulas write it."""
    return "'" + sheet.replace("'", "''") + "'"


def literal(value: Any) -> str:
    """A constant as a formula writes it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str):
        return '"' + value.replace('"', '""') + '"'
    if value is None:
        return literal(NOTHING)
    number = float(value)
    text = str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number).upper()
    return f"({text})" if number < 0 else text


class Formulas:
    """Writes formulas. ``place`` takes a figure's place as given; ``working`` gives a place to a part that needs one,
    and is told the name of the figure it is first needed for; ``series`` writes an operation on monthly flows."""

    def __init__(
        self,
        working: Callable[[str], Cell],
        series: Callable[["Formulas", Traced], str],
    ) -> None:
        self.cells: dict[int, Cell] = {}
        self.number = Identities()
        self.written: dict[Cell, tuple[str, Any]] = {}
        self._working, self._series = working, series
        self._leaves: dict[str, Cell] = {}
        self.figure = ""
        self._weights: dict[int, int] = {}

    def leaf(self, name: str, cell: Cell) -> None:
        """Give an input its place."""
        self._leaves[name] = cell

    def place(self, node: Traced, cell: Cell) -> None:
        """Give a figure its place; one that has a place already keeps it."""
        self.cells.setdefault(self.number(node), cell)

    def cell_of(self, node: Any) -> Cell | None:
        """The place of a figure or an input, if it has one."""
        if not isinstance(node, Traced):
            return None
        return self._leaves[node.name] if node.name else self.cells.get(self.number(node))

    def share(self, figures: Mapping[str, Any]) -> None:
        """Give a place to every part that several figures need; all figures must have theirs."""
        uses: dict[int, int] = {}
        names: dict[int, str] = {}
        order: list[Traced] = []
        for name, figure in figures.items():
            for node in self._below(figure, names):
                names.setdefault(self.number(node), name)
                order.append(node)
        for node in order:
            for key in {self.number(parent) for parent in _inner(node)}:
                uses[key] = uses.get(key, 0) + 1
        for node in order:
            key = self.number(node)
            inside = [self.number(parent) for parent in _inner(node)]
            weight = 1 + sum(self._weights.get(part, 0) for part in inside if part not in self.cells)
            self._weights[key] = weight
            if key not in self.cells and uses.get(key, 0) > 1 and weight >= SHARED_FROM:
                self.place_working(node, names[key])

    def _below(self, figure: Any, seen: Mapping[int, str]) -> Iterator[Traced]:
        """A figure and what it is made of down to the inputs, parts before what they make up, without what was seen."""
        if not isinstance(figure, Traced):
            return
        stack = [figure]
        done: set[int] = set()
        while stack:
            node = stack[-1]
            key = self.number(node)
            if node.name or key in seen or key in done:
                stack.pop()
                continue
            waiting = [p for p in _inner(node) if self.number(p) not in seen and self.number(p) not in done]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            done.add(key)
            yield node

    def place_working(self, node: Traced, name: str) -> Cell:
        """A place among the workings for a part of a figure."""
        cell = self._working(name)
        self.cells[self.number(node)] = cell
        self.write(node, cell, name)
        return cell

    def write(self, node: Any, cell: Cell, name: str) -> None:
        """Note the formula of a figure at its place."""
        self.figure = name
        value = node.value if isinstance(node, Traced) else node
        self.written[cell] = (f"={self.inside(node)[0]}", value)

    def alias(self, node: Any, cell: Cell, name: str) -> None:
        """Note at a further place of a figure the reference to its own place, or its formula where it has none."""
        self.figure = name
        value = node.value if isinstance(node, Traced) else node
        self.written[cell] = (f"={self.text(node)[0]}", value)

    def text(self, node: Any) -> tuple[str, int]:
        """A part inside a formula, and how tightly it holds together: a reference where it has a place."""
        if not isinstance(node, Traced):
            return literal(node), ATOM
        cell = self.cell_of(node)
        if cell is not None:
            return str(cell), ATOM
        found = self.inside(node)
        if len(found[0]) > LONGEST_INSIDE:
            return str(self.place_working(node, self.figure)), ATOM
        return found

    def within(self, node: Any, tightness: int) -> str:
        """A part, in brackets where what is around it holds tighter."""
        text, mine = self.text(node)
        return f"({text})" if mine < tightness else text

    def reference(self, node: Any) -> str:
        """A part as one reference or constant, for formulas that need it several times."""
        if not isinstance(node, Traced):
            return literal(node)
        return str(self.cell_of(node) or self.place_working(node, self.figure))

    def inside(self, node: Any) -> tuple[str, int]:
        """The formula of a figure itself, whether or not it has a place."""
        if not isinstance(node, Traced):
            return literal(node), ATOM
        if node.name:
            return str(self._leaves[node.name]), ATOM
        operation, parents = node.operation, node.parents
        if operation == "+":
            return self._sum(node)
        if operation in TIGHTNESS:
            mine = TIGHTNESS[operation]
            left, right = parents
            first = self.within(left, ATOM if operation == "**" else mine)
            second = self.within(right, mine if operation == "*" else mine + 1)
            return f"{first}{SYMBOLS.get(operation, operation)}{second}", mine
        if operation in SERIES:
            return self._series(self, node), ATOM
        return self._call(operation, parents), ATOM

    def _call(self, operation: str, parents: Sequence[Any]) -> str:
        if operation in ("ceil", "floor"):
            x = self.reference(parents[0])
            slack = f"{literal(SLACK)}*MAX(1,ABS({x}))"
            return f"(-INT(-({x}-{slack})))" if operation == "ceil" else f"INT({x}+{slack})"
        if operation == "binormal_cdf":
            return self._binormal(*(self.reference(parent) for parent in parents))
        arguments = [self.text(parent)[0] for parent in parents]
        if operation == "defined":
            return f"IF({arguments[0]},{arguments[1]},{literal(NOTHING)})"
        names = {"maximum": "MAX", "minimum": "MIN", "where": "IF", "log": "LN", "normal_cdf": "NORMSDIST"}
        return f"{names[operation]}({','.join(arguments)})"

    def _binormal(self, x: str, y: str, correlation: str) -> str:
        half = f"ASIN({correlation})/2"
        terms = []
        for place, weight in NODES:
            sine = f"SIN({half}*{literal(place + 1.0)})"
            terms.append(f"{literal(weight)}*EXP(({x}*{y}*{sine}-({x}^2+{y}^2)/2)/(1-{sine}^2))")
        return f"(NORMSDIST({x})*NORMSDIST({y})+({'+'.join(terms)})*{half}/(2*PI()))"

    def _sum(self, node: Traced) -> tuple[str, int]:
        """A sum: terms that are neighbouring cells of one column or row as ranges."""
        terms: list[Any] = []
        waiting: list[Any] = [node.parents[1], node.parents[0]]
        while waiting:
            part = waiting.pop()
            if isinstance(part, Traced) and part.operation == "+" and self.cell_of(part) is None:
                waiting += [part.parents[1], part.parents[0]]
            elif isinstance(part, Traced) or part != 0:
                terms.append(part)
        if not terms:
            return literal(0.0), ATOM
        inside = [term for term in terms if isinstance(term, Traced) and self.cell_of(term) is None]
        if len(inside) > MOST_INSIDE:
            for term in inside:
                self.place_working(term, self.figure)
        written = [piece for run in _runs(terms, self.cell_of) for piece in self._run(run)]
        return (written[0], ATOM) if len(written) == 1 and "SUM(" in written[0] else ("+".join(written), 1)

    def _run(self, run: list[Any]) -> Iterable[str]:
        if len(run) < RUN:
            return [self.within(term, 1) for term in run]
        first, last = self.cell_of(run[0]), self.cell_of(run[-1])
        assert first is not None
        assert last is not None
        return [f"SUM({span(first, last)})"]


def _inner(node: Traced) -> list[Traced]:
    """What a node is made of, without constants and inputs."""
    return [parent for parent in node.parents if isinstance(parent, Traced) and not parent.name]


def span(first: Cell, last: Cell) -> str:
    """A range of cells on one sheet."""
    return f"{quoted(first.sheet)}!{absolute(first.row, first.column)}:{absolute(last.row, last.column)}"


def _runs(terms: Sequence[Any], cell_of: Callable[[Any], Cell | None]) -> Iterator[list[Any]]:
    """Terms one after another, those that stand in neighbouring cells together."""
    run: list[Any] = []
    step = (0, 0)
    for term in terms:
        here, before = cell_of(term), cell_of(run[-1]) if run else None
        near = (0, 0)
        if here is not None and before is not None and here.sheet == before.sheet:
            near = (here.row - before.row, here.column - before.column)
        if run and near in ((1, 0), (0, 1)) and (len(run) == 1 or near == step):
            run, step = [*run, term], near
            continue
        if run:
            yield run
        run, step = [term], (0, 0)
    if run:
        yield run
