"""The traced number: a value that remembers the formula it came from.

It goes through the same formulas as a float. Every operator and helper records itself with its parents, so a result
can be explained down to the inputs, or written as a spreadsheet formula. Asking it for a truth value or a plain float
raises: that is a branch on a model quantity, which the house rule forbids.
"""

from collections.abc import Callable, Mapping
from typing import Any

from dosecost import arithmetic, finance, inputs
from dosecost.arithmetic import Number
from dosecost.inputs import Areas

OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "**": lambda x, y: x**y,
    "<": lambda x, y: x < y,
    "<=": lambda x, y: x <= y,
    ">": lambda x, y: x > y,
    ">=": lambda x, y: x >= y,
}
HELPERS: dict[str, Callable[..., Any]] = {
    "ceil": arithmetic.ceil,
    "floor": arithmetic.floor,
    "maximum": arithmetic.maximum,
    "minimum": arithmetic.minimum,
    "where": arithmetic.where,
    "log": arithmetic.log,
    "normal_cdf": arithmetic.normal_cdf,
    "binormal_cdf": arithmetic.binormal_cdf,
    "defined": arithmetic.defined,
    "net_present_value": lambda rate, *flows: finance.net_present_value(flows, rate),
    "payback_month": lambda *flows: finance.payback_month(flows),
    "rate_of_return": lambda *flows: finance.internal_rate_of_return(flows)[0],
    "no_rate_because": lambda *flows: finance.internal_rate_of_return(flows)[1],
    "crossing_rate": lambda i, *flows: dict(enumerate(finance.rates_of_return(flows))).get(int(i)),
}


class TraceError(TypeError):
    """A formula asked a model quantity for a truth value or a float."""


class Traced:
    """A number (or condition) with the operation and parents it came from. ``name`` is set on inputs only."""

    __slots__ = ("name", "operation", "parents", "value")

    def __init__(self, value: Any, operation: str = "input", parents: tuple[Any, ...] = (), name: str = "") -> None:
        self.value = value
        self.operation = operation
        self.parents = parents
        self.name = name

    def trace_call(self, helper: str, *arguments: Any) -> "Traced":
        """The result of one of the helpers."""
        return Traced(HELPERS[helper](*map(value_of, arguments)), helper, arguments)

    def _operate(self, symbol: str, left: Any, right: Any) -> "Traced":
        return Traced(OPERATORS[symbol](value_of(left), value_of(right)), symbol, (left, right))

    def __add__(self, other: Any) -> "Traced":
        return self._operate("+", self, other)

    def __radd__(self, other: Any) -> "Traced":
        return self._operate("+", other, self)

    def __sub__(self, other: Any) -> "Traced":
        return self._operate("-", self, other)

    def __rsub__(self, other: Any) -> "Traced":
        return self._operate("-", other, self)

    def __mul__(self, other: Any) -> "Traced":
        return self._operate("*", self, other)

    def __rmul__(self, other: Any) -> "Traced":
        return self._operate("*", other, self)

    def __truediv__(self, other: Any) -> "Traced":
        return self._operate("/", self, other)

    def __rtruediv__(self, other: Any) -> "Traced":
        return self._operate("/", other, self)

    def __pow__(self, other: Any) -> "Traced":
        return self._operate("**", self, other)

    def __rpow__(self, other: Any) -> "Traced":
        return self._operate("**", other, self)

    def __lt__(self, other: Any) -> "Traced":
        return self._operate("<", self, other)

    def __le__(self, other: Any) -> "Traced":
        return self._operate("<=", self, other)

    def __gt__(self, other: Any) -> "Traced":
        return self._operate(">", self, other)

    def __ge__(self, other: Any) -> "Traced":
        return self._operate(">=", self, other)

    def __bool__(self) -> bool:
        raise TraceError("a formula branches on a model quantity; use where()")

    def __float__(self) -> float:
        raise TraceError("a formula turns a model quantity into a plain float")

    def __repr__(self) -> str:
        return self.name or f"{self.operation} = {self.value!r}"


def value_of(quantity: Any) -> Any:
    """The plain value of a traced number, or the thing itself."""
    return quantity.value if isinstance(quantity, Traced) else quantity


def traced_areas(values: Mapping[str, Number]) -> Areas:
    """The areas of a scenario with every input traced under its own name."""
    return inputs.assemble({name: Traced(value, name=name) for name, value in values.items()})


def inputs_behind(quantity: Any) -> set[str]:
    """Names of the inputs that a traced number's formula reaches."""
    names: set[str] = set()
    seen: set[int] = set()
    waiting = [quantity]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Traced) or id(node) in seen:
            continue
        seen.add(id(node))
        if node.name:
            names.add(node.name)
        waiting.extend(node.parents)
    return names
