"""The six helpers through which one formula reads floats, arrays of draws and traced numbers.

A formula of the model uses the operators ``+ - * / **``, comparisons, and these helpers; nothing else touches a
model quantity. Floats stay plain Python (numpy is several times slower on one number), arrays go through numpy,
traced numbers record the formula.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

Number = Any
"""A model quantity: a float, an array of draws, or a traced number. Its unit stands in its name or its metadata."""

SLACK = 1e-9
"""Relative slack of ``ceil`` and ``floor``: 0.1 * 3 * 10 is three units, not four."""


_erfc = np.vectorize(math.erfc, otypes=[float])
"""numpy has no error function of its own."""


def _traced(*values: Number) -> Any:
    for value in values:
        if hasattr(value, "trace_call"):
            return value.trace_call
    return None


def ceil(x: Number) -> Number:
    """Smallest whole number not below ``x``, less the slack; same shape as ``x``."""
    if type(x) is float or type(x) is int:
        return float(math.ceil(x - SLACK * max(1.0, abs(x))))
    if (call := _traced(x)) is not None:
        return call("ceil", x)
    return np.ceil(x - SLACK * np.maximum(1.0, np.abs(x)))


def floor(x: Number) -> Number:
    """Largest whole number not above ``x``, plus the slack; same shape as ``x``."""
    if type(x) is float or type(x) is int:
        return float(math.floor(x + SLACK * max(1.0, abs(x))))
    if (call := _traced(x)) is not None:
        return call("floor", x)
    return np.floor(x + SLACK * np.maximum(1.0, np.abs(x)))


def maximum(x: Number, y: Number) -> Number:
    """The larger of two, draw by draw."""
    if type(x) is float and type(y) is float:
        return x if x >= y else y
    if (call := _traced(x, y)) is not None:
        return call("maximum", x, y)
    return np.maximum(x, y)


def minimum(x: Number, y: Number) -> Number:
    """The smaller of two, draw by draw."""
    if type(x) is float and type(y) is float:
        return x if x <= y else y
    if (call := _traced(x, y)) is not None:
        return call("minimum", x, y)
    return np.minimum(x, y)


def where(condition: Number, x: Number, y: Number) -> Number:
    """``x`` where the condition holds, else ``y``, draw by draw; both are already evaluated.

    Two records of one kind are picked field by field.
    """
    if condition is True:
        return x
    if condition is False:
        return y
    if isinstance(x, tuple):
        return type(x)(*(where(condition, a, b) for a, b in zip(x, y, strict=True)))
    if (call := _traced(condition, x, y)) is not None:
        return call("where", condition, x, y)
    return np.where(condition, x, y)


def share_below(limit: Number, median: Number, log_sd: Number) -> Number:
    """Share of a log-normal quantity that lies below ``limit``; ``log_sd`` is the standard deviation of its natural
    logarithm. Same shape as the arguments; all three are above zero. A spreadsheet's LOGNORM.DIST with LN(median)."""
    if (call := _traced(limit, median, log_sd)) is not None:
        return call("share_below", limit, median, log_sd)
    if isinstance(limit, float) and isinstance(median, float) and isinstance(log_sd, float):
        return 0.5 * math.erfc(math.log(median / limit) / (log_sd * math.sqrt(2.0)))
    return 0.5 * _erfc(np.log(np.divide(median, limit)) / (log_sd * math.sqrt(2.0)))


def total(values: Iterable[Number]) -> Number:
    """Sum of quantities, 0 where there are none."""
    result: Number = 0.0
    for value in values:
        result = result + value
    return result
