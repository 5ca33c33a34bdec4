"""T-002: every output of every shipped scenario on every platform, against the golden files."""

import json
import math
from typing import Any

import pytest

from tests.goldens.results import FOLDER, all_results

NOW = all_results()


def differences(path: str, old: Any, new: Any) -> list[str]:
    """Where two results differ by more than one part in 10⁹."""
    if isinstance(old, dict) and isinstance(new, dict):
        found = [f"{path}.{key}: only in one" for key in set(old) ^ set(new)]
        return found + [
            line for key in set(old) & set(new) for line in differences(f"{path}.{key}", old[key], new[key])
        ]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            line for i, (a, b) in enumerate(zip(old, new, strict=True)) for line in differences(f"{path}[{i}]", a, b)
        ]
    if isinstance(old, (int, float)) and isinstance(new, (int, float)):
        same = math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-6)
        return [] if same else [f"{path}: {old} was, {new} is"]
    return [] if old == new else [f"{path}: {old!r} was, {new!r} is"]


@pytest.mark.parametrize("name", sorted(NOW))
def test_T_002_goldens(name: str) -> None:
    old = json.loads((FOLDER / name).read_text(encoding="utf-8"))
    new = json.loads(json.dumps(NOW[name]))
    assert differences(name, old, new) == [], "explain the change in the commit, then run `make goldens`"


def test_there_is_no_golden_without_a_scenario() -> None:
    assert {path.name for path in FOLDER.glob("*.json")} == set(NOW)
