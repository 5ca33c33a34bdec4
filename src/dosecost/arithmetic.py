"""The helpers through which one formula reads floats, arrays of draws and traced numbers.

A formula of the model uses the operators ``+ - * / **``, comparisons, and these helpers; nothing else touches a
model quantity. Floats stay plain Python (numpy is several times slower on one number), arrays go through numpy,
traced numbers record the formula.
"""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.polynomial.legendre import leggauss

Number = Any
"""A model quantity: a float, an array of draws, or a traced number. Its unit stands in its name or its metadata."""

SLACK = 1e-9
"""Relative slack of ``ceil`` and ``floor``: 0.1 * 3 * 10 is three units, not four."""

NODES = [(float(place), float(weight)) for place, weight in zip(*leggauss(20), strict=True)]
"""Gauss-Legendre nodes on -1 to 1 for ``binormal_cdf``."""

_erfc = np.vectorize(math.erfc, otypes=[float])
"""numpy has no error function of its own."""


def tracer(*values: Number) -> Any:
    """How the first traced number among some records a helper on them all; none where every one is plain."""
    for value in values:
        if hasattr(value, "trace_call"):
            return value.trace_call
    return None


def ceil(x: Number) -> Number:
    """Smallest whole number not below ``x``, less the slack; same shape as ``x``."""
    if type(x) is float or type(x) is int:
        return float(math.ceil(x - SLACK * max(1.0, abs(x))))
    if (call := tracer(x)) is not None:
        return call("ceil", x)
    return np.ceil(x - SLACK * np.maximum(1.0, np.abs(x)))


def floor(x: Number) -> Number:
    """Largest whole number not above ``x``, plus the slack; same shape as ``x``."""
    if type(x) is float or type(x) is int:
        return float(math.floor(x + SLACK * max(1.0, abs(x))))
    if (call := tracer(x)) is not None:
        return call("floor", x)
    return np.floor(x + SLACK * np.maximum(1.0, np.abs(x)))


def maximum(x: Number, y: Number) -> Number:
    """The larger of two, draw by draw."""
    if type(x) is float and type(y) is float:
        return x if x >= y else y
    if (call := tracer(x, y)) is not None:
        return call("maximum", x, y)
    return np.maximum(x, y)


def minimum(x: Number, y: Number) -> Number:
    """The smaller of two, draw by draw."""
    if type(x) is float and type(y) is float:
        return x if x <= y else y
    if (call := tracer(x, y)) is not None:
        return call("minimum", x, y)
    return np.minimum(x, y)


def where(condition: Number, x: Number, y: Number) -> Number:
    """``x`` where the condition holds, else ``y``, draw by draw; both are already evaluated.

    Two records of one kind are picked field by field, or as they are where all draws want the same one.
    """
    if condition is True:
        return x
    if condition is False:
        return y
    if isinstance(x, tuple):
        if isinstance(condition, np.ndarray) and condition.all() == condition.any():
            return x if condition.all() else y
        return type(x)(*(where(condition, a, b) for a, b in zip(x, y, strict=True)))
    if (call := tracer(condition, x, y)) is not None:
        return call("where", condition, x, y)
    return np.where(condition, x, y)


def defined(condition: Number, value: Number) -> Any:
    """``value`` where the condition holds, else nothing: a figure that does not exist then. Not for arrays."""
    if condition is True:
        return value
    if condition is False:
        return None
    return tracer(condition, value)("defined", condition, value)


def log(x: Number) -> Number:
    """Natural logarithm of a positive number; same shape as ``x``."""
    if type(x) is float:
        return math.log(x)
    if (call := tracer(x)) is not None:
        return call("log", x)
    return np.log(x)


def normal_cdf(x: Number) -> Number:
    """Chance that a standard normal number is below ``x`` (in a sheet: ``NORM.S.DIST(x, TRUE)``); shape of ``x``."""
    if type(x) is float:
        return math.erfc(-x / math.sqrt(2.0)) / 2.0
    if (call := tracer(x)) is not None:
        return call("normal_cdf", x)
    return _erfc(np.asarray(x) / -math.sqrt(2.0)) / 2.0


def binormal_cdf(x: Number, y: Number, correlation: Number) -> Number:
    """Chance that two standard normal numbers of this correlation are below ``x`` and below ``y``; common shape.

    The product of both chances and Drezner and Wesolowsky's integral over the angle whose sine is the correlation,
    by 20 points: to 1e-13 up to a correlation of 0.95, to 1e-7 up to 0.9994.
    """
    floats = type(x) is float and type(y) is float and type(correlation) is float
    if not floats and (call := tracer(x, y, correlation)) is not None:
        return call("binormal_cdf", x, y, correlation)
    arcsin, sin, exp = (math.asin, math.sin, math.exp) if floats else (np.arcsin, np.sin, np.exp)
    half = arcsin(correlation) / 2.0
    squares, product = (x * x + y * y) / 2.0, x * y
    joint = 0.0
    for place, weight in NODES:
        sine = sin(half * (place + 1.0))
        joint = joint + weight * exp((product * sine - squares) / (1.0 - sine * sine))
    return normal_cdf(x) * normal_cdf(y) + joint * half / (2.0 * math.pi)


def total(values: Iterable[Number]) -> Number:
    """Sum of quantities, 0 where there are none."""
    result: Number = 0.0
    for value in values:
        result = result + value
    return result
