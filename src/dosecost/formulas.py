"""A traced number's formula as a small tree, and the tree in symbols and in words.

The tree ends at named figures, inputs and constants. Sums and the largest or smallest of many are one node, and a run
of figures that differ in a number only (the months of a series) is one entry.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from dosecost.meanings import Meaning
from dosecost.trace import Traced

SYMBOLS = {"*": "×", "/": "÷", "-": "−", "**": "^", "<=": "≤", ">=": "≥"}
SPOKEN = {
    "+": "plus",
    "-": "less",
    "*": "times",
    "/": "divided by",
    "**": "to the power of",
    "<": "is below",
    "<=": "is at most",
    ">": "is above",
    ">=": "is at least",
}
TIGHTNESS = {"<": 0, "<=": 0, ">": 0, ">=": 0, "+": 1, "-": 1, "*": 2, "/": 2, "**": 3}
PHRASES = {
    "ceil": "{} rounded up",
    "floor": "{} rounded down",
    "log": "the natural logarithm of {}",
    "normal_cdf": "the chance that a standard normal number is below {}",
    "binormal_cdf": "the chance that two standard normal numbers are below {} and {} at a correlation of {}",
    "defined": "where {1}: {0}; otherwise none",
}
OF_FLOWS = {
    "net_present_value": "the present value, at the yearly rate {}, of the monthly flows {}",
    "payback_month": "the first month from which on the sum so far stays at or above zero, of the monthly flows {}",
    "rate_of_return": "the one yearly rate that brings the present value to zero (none where there is not exactly one) "
    "of the monthly flows {}",
    "no_rate_because": "the reason why there is not exactly one yearly rate that brings the present value to zero "
    "(empty where there is) of the monthly flows {}",
    "crossing_rate": "number {} (counted from 0) of the yearly rates at which the present value crosses zero "
    "(none where there are fewer), of the monthly flows {}",
}
MANY = {"minimum": ("the smaller of", "the smallest of"), "maximum": ("the larger of", "the largest of")}
CHAINS = ("+", *MANY)
LONG = 6
"""Parts of a sum, or cases one after another, from which words tell the first ones only."""
FIRST = 3
LEAST_RUN = 4
"""Figures in a row from which they are written as a series."""
PART = ".part_"
"""Between the name of a figure and the number of a large part of its formula."""
ON_THE_WAY = (PART, ".so_far.")
"""In names of figures that lead to others of their kind: a sum or the smallest of many is told through them."""
NUMBERED = re.compile(r"(.*\.)(\d+)((?:\.[^\d.]+)*)")


class Name(NamedTuple):
    """A named figure or input."""

    name: str


class Series(NamedTuple):
    """Figures that differ in a whole number only, each one more than the one before."""

    before: str
    first: int
    last: int
    after: str

    def names(self) -> list[str]:
        """All figures of the series."""
        return [f"{self.before}{number}{self.after}" for number in range(self.first, self.last + 1)]


class Constant(NamedTuple):
    """A number or a text of the design."""

    value: Any


class Operation(NamedTuple):
    """An operator or helper on what is below it; sums and the smallest or largest take any number of operands."""

    symbol: str
    operands: "tuple[Tree, ...]"


Tree = Name | Series | Constant | Operation
NameOf = Callable[[Traced], str]
Say = Callable[[str], Meaning]


def tree_of(node: Any, name_of: NameOf, top: bool = True, through: bool = False) -> Tree:
    """The formula of a node down to the nodes that have names; at the ``top`` the node's own name is not looked up.

    ``through`` tells a sum, or the smallest or largest of many, through the names ``ON_THE_WAY``.
    """
    if not isinstance(node, Traced):
        return Constant(node)
    if name := node.name or ("" if top else name_of(node)):
        return Name(name)
    plain = _without_neutral(node)
    if plain is not node:
        return tree_of(plain, name_of, top=False)
    parents = _chain(node, name_of, through) if node.operation in CHAINS else list(node.parents)
    operands = _in_series([tree_of(parent, name_of, top=False) for parent in parents], node.operation == "+")
    if node.operation == "*" and Constant(1.0) in operands:
        return operands[1 - operands.index(Constant(1.0))]
    return Operation(node.operation, tuple(operands))


def names_in(tree: Tree) -> Iterator[str]:
    """Every name in a tree, those of series one by one, in the order written."""
    if isinstance(tree, Name):
        yield tree.name
    elif isinstance(tree, Series):
        yield from tree.names()
    elif isinstance(tree, Operation):
        for operand in tree.operands:
            yield from names_in(operand)


def in_symbols(tree: Tree, within: int = -1) -> str:
    """A tree with names in brackets, a series as ``[cash.flows.1…84]``."""
    if isinstance(tree, Name):
        return f"[{tree.name}]"
    if isinstance(tree, Series):
        return f"[{tree.before}{tree.first}…{tree.last}{tree.after}]"
    if isinstance(tree, Constant):
        return _number(tree.value)
    if tree.symbol not in TIGHTNESS:
        return f"{tree.symbol}({', '.join(map(in_symbols, tree.operands))})"
    return _operated(tree, SYMBOLS.get(tree.symbol, tree.symbol), in_symbols, within)


def in_words(tree: Tree, say: Say, within: int = -1) -> str:
    """A tree with figures and operations called as people call them; of long sums the first parts."""

    def told(part: Tree, inside: int = -1) -> str:
        return in_words(part, say, inside)

    if isinstance(tree, Name):
        return _inside(say(tree.name).label)
    if isinstance(tree, Series):
        first, *_, last = tree.names()
        return f"{_inside(say(first).label)} to {_inside(say(last).label)}"
    if isinstance(tree, Constant):
        return _number(tree.value)
    if tree.symbol in TIGHTNESS and not (tree.symbol == "+" and len(tree.operands) > LONG):
        return _operated(tree, SPOKEN[tree.symbol], told, within)
    text = _phrase(tree, told)
    return text if within < 0 else f"({text})"


def _phrase(tree: Operation, told: Callable[..., str]) -> str:
    """An operation that is told as a phrase rather than between its operands."""
    symbol, operands = tree
    if symbol == "where":
        return _cases(tree, told)
    if symbol == "sum":
        return f"the sum of {told(operands[0])}"
    if symbol == "+":
        return f"the sum of {len(operands)} parts: {_listed(operands, told)}"
    if symbol in MANY:
        few, many = MANY[symbol]
        if len(operands) > 2 or any(isinstance(operand, Series) for operand in operands):
            return f"{many} {_listed(operands, told)}"
        return f"{few} {told(operands[0], 0)} and {told(operands[1], 0)}"
    if symbol in OF_FLOWS:
        leading = OF_FLOWS[symbol].count("{}") - 1
        return OF_FLOWS[symbol].format(*map(told, operands[:leading]), _listed(operands[leading:], told))
    if symbol == "defined":
        condition, value = operands
        return PHRASES[symbol].format(told(value), told(condition))
    return PHRASES[symbol].format(*(told(operand, 0) for operand in operands))


def _cases(tree: Operation, told: Callable[..., str]) -> str:
    """``where`` one inside the other, as one case after another."""
    cases: list[str] = []
    rest: Tree = tree
    more = 0
    while isinstance(rest, Operation) and rest.symbol == "where":
        condition, value, rest = rest.operands
        if len(cases) < LONG:
            cases.append(f"if {told(condition)} then {told(value, 0)}")
        else:
            more += 1
    if more:
        cases.append(f"{more} more cases in the same way")
    return f"{', otherwise '.join(cases)}, otherwise {told(rest, 0)}"


def _listed(operands: Sequence[Tree], told: Callable[..., str]) -> str:
    if len(operands) <= LONG:
        return "; ".join(told(operand) for operand in operands)
    return f"{'; '.join(told(operand) for operand in operands[:FIRST])}; and {len(operands) - FIRST} more"


def _operated(tree: Operation, symbol: str, write: Callable[..., str], within: int) -> str:
    mine = TIGHTNESS[tree.symbol]
    first, *others = tree.operands
    right = mine + 1 if tree.symbol in ("-", "/", "**") else mine
    parts = [write(first, mine + (tree.symbol == "**")), *(write(other, right) for other in others)]
    text = f" {symbol} ".join(parts)
    return f"({text})" if mine < within else text


def _chain(node: Traced, name_of: NameOf, through: bool) -> list[Any]:
    """What a sum, or the smallest or largest of many, is made of: the same operation inside it without a name of its
    own is opened; ``through`` one whose name is on the way, too. A sum opens on the left only, so that it adds in the
    order of the model."""

    def opens(part: Any) -> bool:
        if not isinstance(part, Traced) or part.operation != node.operation or part.name:
            return False
        name = name_of(part)
        return not name or (through and any(mark in name for mark in ON_THE_WAY))

    found: list[Any] = []
    waiting: list[Any] = list(reversed(node.parents))
    while waiting:
        part = waiting.pop()
        if (node.operation in MANY or not found) and opens(part):
            waiting.extend(reversed(part.parents))
        else:
            found.append(part)
    if node.operation == "+":
        found = [part for part in found if not _is(part, 0.0)] or [0.0]
    return found


def _in_series(operands: list[Tree], in_sum: bool) -> list[Tree]:
    """Operands with names that go on in number one after another put together."""
    found: list[Tree] = []
    run: list[str] = []

    def close() -> None:
        if len(run) < LEAST_RUN:
            found.extend(map(Name, run))
        else:
            before, first, after = _numbered(run[0])
            series = Series(before, first, first + len(run) - 1, after)
            found.append(Operation("sum", (series,)) if in_sum else series)
        run.clear()

    for operand in operands:
        name = operand.name if isinstance(operand, Name) else ""
        if run and not (name and _follows(run[-1], name)):
            close()
        if name and _numbered(name)[1] >= 0:
            run.append(name)
        else:
            found.append(operand)
    close()
    return found


def _numbered(name: str) -> tuple[str, int, str]:
    found = NUMBERED.fullmatch(name)
    return (found[1], int(found[2]), found[3]) if found else (name, -1, "")


def _follows(one: str, other: str) -> bool:
    before, number, after = _numbered(one)
    return _numbered(other) == (before, number + 1, after)


def _without_neutral(node: Traced) -> Any:
    """What a sum with 0 or a product with 1 comes to, so that neither is written; else the node itself."""
    if len(node.parents) != len(("left", "right")):
        return node
    left, right = node.parents
    if node.operation == "+":
        return right if _is(left, 0.0) else left if _is(right, 0.0) else node
    if node.operation == "*":
        return right if _is(left, 1.0) else left if _is(right, 1.0) else node
    if node.operation == "**" and _is(right, 0.0):
        return 1.0
    return node


def _is(value: Any, number: float) -> bool:
    return not isinstance(value, Traced) and value == number


def _inside(label: str) -> str:
    """A label inside a sentence: its first letter small, but that of an abbreviation."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _number(value: Any) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"{value:.12g}" if isinstance(value, float) else str(value)
