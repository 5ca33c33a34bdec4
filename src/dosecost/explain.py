"""Why a figure is what it is: its formula in symbols, the figures and inputs in it, and what it leads to.

Everything is read from one traced run of the model; nothing is written by hand, so that no explanation can differ from
the figure it explains.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from dosecost.errors import InputError
from dosecost.evaluation import areas_of, cost_of, recipe_of, rows_in_use
from dosecost.inputs import Row
from dosecost.ledger import Line
from dosecost.model import compute
from dosecost.scenario import Scenario
from dosecost.trace import Traced, value_of

SYMBOLS = {"*": "×", "/": "÷", "-": "−", "**": "^"}
TIGHTNESS = {"<": 0, "<=": 0, ">": 0, ">=": 0, "+": 1, "-": 1, "*": 2, "/": 2, "**": 3}
NEAR = 6
"""Names that are offered where there is no figure of a name."""


class Part(NamedTuple):
    """One figure or input in a formula: its name, value, and for an input the row it comes from."""

    name: str
    value: float
    row: Row | None


class Explanation(NamedTuple):
    """A figure: its name, value, formula in symbols (names in brackets), the parts in it, what it leads to."""

    name: str
    value: float
    formula: str
    parts: list[Part]
    leads_to: list[str]


class Figures:
    """All figures of a scenario's year with their formulas: every number of the stages, the ledger and the cost."""

    def __init__(self, scenario: Scenario) -> None:
        self.rows, self._own = rows_in_use(scenario), scenario.inputs
        traced = {name: Traced(row.base, name=name) for name, row in self.rows.items()}
        own: Any = {name: Traced(value, name=name) for name, value in scenario.inputs.items()}
        areas = areas_of(replace(scenario, inputs=own), given=traced)
        stages: dict[str, Any] = {}

        def keep(name: str, value: Any) -> Any:
            stages[name] = value
            return value

        results = compute(areas, recipe_of(scenario), scenario.choices, keep)
        stages |= {"cost": cost_of(scenario.choices, results)} | results._asdict()
        self.nodes: dict[str, Any] = dict(_named("", stages))
        self._known: dict[Any, str] = {}
        for name, node in self.nodes.items():
            if isinstance(node, Traced) and not node.name:
                self._known.setdefault(_key(node), name)

    def names(self) -> list[str]:
        """Names of all figures, in the order of the model."""
        return list(self.nodes)

    def explain(self, name: str) -> Explanation:
        """Why a figure is what it is, and what it leads to. Raises ``InputError`` with the nearest names where there is
        none."""
        onward = self._onward.get(name, [])
        if name in self.rows and name not in self.nodes:
            return Explanation(name, float(self._own.get(name, self.rows[name].base)), "", [], onward)
        if name not in self.nodes:
            near = [known for known in self.nodes if known.endswith(name.rpartition(".")[2])][:NEAR]
            raise InputError("explain", name, f"no such figure{'; near are ' + ', '.join(near) if near else ''}")
        node = self.nodes[name]
        parts: dict[str, Part] = {}
        formula = self._written(node, parts, top=True)
        return Explanation(name, float(value_of(node)), formula, list(parts.values()), onward)

    @cached_property
    def _onward(self) -> dict[str, list[str]]:
        """By figure or input, the figures whose formula holds it."""
        found: dict[str, list[str]] = {}
        for name, node in self.nodes.items():
            parts: dict[str, Part] = {}
            self._written(node, parts, top=True)
            for part in parts:
                if part != name:
                    found.setdefault(part, []).append(name)
        return found

    def _written(self, node: Any, parts: dict[str, Part], top: bool = False, within: int = -1) -> str:
        """The formula down to the next named figures and inputs, which are put among the parts."""
        if not isinstance(node, Traced):
            return _number(node)
        name = node.name or ("" if top else self._known.get(_key(node), ""))
        if name:
            parts.setdefault(name, Part(name, float(node.value), self.rows.get(name)))
            return f"[{name}]"
        if (plain := _neutral(node)) is not None:
            return self._written(plain, parts, within=within)
        if node.operation in TIGHTNESS:
            mine = TIGHTNESS[node.operation]
            left, right = node.parents
            tight_right = mine + 1 if node.operation in ("-", "/", "**") else mine
            text = (
                f"{self._written(left, parts, within=mine + (node.operation == '**'))} "
                f"{SYMBOLS.get(node.operation, node.operation)} {self._written(right, parts, within=tight_right)}"
            )
            return f"({text})" if mine < within else text
        arguments = ", ".join(self._written(parent, parts) for parent in node.parents)
        return f"{node.operation}({arguments})"


def _neutral(node: Traced) -> Any:
    """What a sum with 0 or a product with 1 comes to, so that neither is written."""
    left, right = node.parents if len(node.parents) == len(("left", "right")) else (node, node)
    if node.operation == "+":
        return right if _is(left, 0.0) else left if _is(right, 0.0) else None
    if node.operation == "*":
        return right if _is(left, 1.0) else left if _is(right, 1.0) else None
    if node.operation == "**" and _is(right, 0.0):
        return 1.0
    return None


def _is(value: Any, number: float) -> bool:
    return not isinstance(value, Traced) and value == number


def _key(node: Traced) -> Any:
    """What makes two nodes the same: a line's money a year is multiplied anew each time it is asked for."""
    return (node.operation, tuple(id(parent) if isinstance(parent, Traced) else parent for parent in node.parents))


def _number(value: Any) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _named(prefix: str, part: Any) -> Iterator[tuple[str, Any]]:
    """Every number of nested records and tables, with its path as name."""
    if isinstance(part, Line):
        name = f"ledger.{part.id}"
        yield f"{name}.quantity", part.quantity
        yield f"{name}.price", part.price
        yield f"{name}.annual", part.annual
        return
    if isinstance(part, dict):
        pairs: Sequence[tuple[str, Any]] = list(part.items())
    elif is_dataclass(part):
        pairs = [(column.name, getattr(part, column.name)) for column in fields(part)]
    elif hasattr(part, "_asdict"):
        pairs = list(part._asdict().items())
    elif isinstance(part, (list, tuple)):
        pairs = [(getattr(entry, "id", str(i)), entry) for i, entry in enumerate(part)]
    else:
        if isinstance(part, Traced) or (isinstance(part, (int, float)) and not isinstance(part, bool)):
            yield prefix, part
        return
    for key, inner in pairs:
        yield from _named(f"{prefix}.{key}" if prefix else key, inner)
