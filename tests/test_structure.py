"""Tests that read the source and the data: what the model may import, write and leave unused."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from dosecost import inputs, recipes, step_library
from dosecost.contract import as_data
from dosecost.costs.quality import STANDING_TESTS
from dosecost.evaluation import areas_by_stage, areas_of, cash_of, cost_of, evaluate, rows_in_use, year_of
from dosecost.finance import net_present_value
from dosecost.scenario import Scenario, load, options, with_changes

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "src" / "dosecost"
FORMULAS = [
    *sorted((MODEL / "quantities").glob("*.py")),
    *sorted((MODEL / "costs").glob("*.py")),
    MODEL / "ledger.py",
    MODEL / "cash.py",
    MODEL / "transition.py",
    MODEL / "model.py",
]
UNIT_CONVERSIONS = {
    "DAYS_PER_WEEK": 7.0,
    "DAYS_PER_YEAR": 365.0,
    "MINUTES_PER_HOUR": 60.0,
    "MONTHS_PER_YEAR": 12.0,
    "MILLILITRES_PER_LITRE": 1_000.0,
    "CELLS_PER_BILLION": 1e9,
}
NAMED_CONSTANTS = UNIT_CONVERSIONS | {
    "EMPTY_TEAM": 1e-9,
    "NO_UNITS": 1e-9,
    "NO_WAIT": 0.0,
    "NO_HOURS": 0.0,
    "NO_SUITES": 0.0,
    "NO_OPERATORS": 0.0,
    "NOTHING": 0.0,
    "NO_PRICE": 0.0,
    "NO_MONTHS": 0.0,
    "FULLY": 1.0,
    "ALL": 1.0,
    "MOST_MISSED": 0.999,
}
PART_OF_A_PUBLISHED_FORMULA = {
    ("capacity.py", "slot_wait"): {2.0, 0.5},  # Allen-Cunneen with Sakasegawa's exponent
    ("cells.py", "combined"): {2, 0.5},  # independent log-normal factors: root of the sum of squares
    ("overhead.py", "overhead_costs"): {2.0},  # mean book value of a straight-line asset is half its price
}
ALLOWED_IMPORTS = {"numpy", "numpy_financial", "dosecost"}
COMPILED = {"queueing_compiled.py": "numba"}
"""The modules that need a compiler. They are imported only once it is wanted, and all works without them."""


FILES = {"sheets.py": "xlsxwriter", "styles.py": "xlsxwriter", "unpack.py": "openpyxl"}
"""The modules that write workbooks and take them apart."""
WORDED = {"cli.py": "dosecost_app"}
"""The command line writes the report, which says everything in the words of the pages; it needs no Streamlit."""
PURE = ("csv_file", "workbook_file", "fields", "palette", "report", "report_content", "words")
"""Modules of the app, beside its charts and views, that know nothing of Streamlit."""
HERE = os.environ | {"PYTHONPATH": str(ROOT / "src")}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def functions(path: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("path", sorted(MODEL.rglob("*.py")), ids=lambda p: str(p.relative_to(MODEL)))
def test_I_93_the_model_imports_numpy_and_the_standard_library_only(path: Path) -> None:
    for node in ast.walk(tree(path)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            top = name.split(".")[0]
            allowed = {
                *ALLOWED_IMPORTS,
                *sys.stdlib_module_names,
                *(group.get(path.name) for group in (COMPILED, FILES, WORDED)),
            }
            assert top in allowed, f"{path.name} imports {name}"
            assert top not in ("time", "datetime", "random"), f"{path.name} reads a clock or a global random state"


def test_nothing_is_compiled_and_no_compiler_loaded_at_import() -> None:
    for path in MODEL.rglob("*.py"):
        names = {alias.name for node in tree(path).body if isinstance(node, ast.ImportFrom) for alias in node.names}
        names |= {node.module or "" for node in tree(path).body if isinstance(node, ast.ImportFrom)}
        assert not any(module.removesuffix(".py") in name for module in COMPILED for name in names), path.name


def test_what_the_pages_show_is_made_without_streamlit() -> None:
    app = ROOT / "src" / "dosecost_app"
    pure = sorted(path.stem for path in app.glob("*.py") if path.stem.endswith(("charts", "views")))
    names = ", ".join(f"dosecost_app.{name}" for name in (*pure, *PURE))
    program = f"import sys, {names}; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, env=HERE).returncode == 0


@pytest.mark.parametrize("path", FORMULAS, ids=lambda p: p.name)
def test_I_92_no_literal_in_a_formula(path: Path) -> None:
    for function in functions(path):
        allowed = {0, 1} | PART_OF_A_PUBLISHED_FORMULA.get((path.name, function.name), set())
        for node in ast.walk(function):
            if isinstance(node, ast.Constant) and type(node.value) in (int, float):
                assert node.value in allowed, f"{path.name}, {function.name}: literal {node.value}"


@pytest.mark.parametrize("path", FORMULAS, ids=lambda p: p.name)
def test_I_92_module_constants_are_unit_conversions(path: Path) -> None:
    for node in tree(path).body:
        value = node.value if isinstance(node, ast.Assign) else None
        if isinstance(node, ast.Assign) and isinstance(value, ast.Constant) and type(value.value) in (int, float):
            name = ast.unparse(node.targets[0])
            assert NAMED_CONSTANTS.get(name) == value.value, f"{path.name}: {name}"


@pytest.mark.parametrize("path", FORMULAS, ids=lambda p: p.name)
def test_formulas_use_operators_and_the_helpers(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("max", "min", "abs", "round", "float"), f"{path.name}: {ast.unparse(node)}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id not in ("math", "np", "numpy"), f"{path.name}: {ast.unparse(node)}"


def defined(path: Path) -> Iterator[ast.stmt]:
    """Functions and classes of a module, and the methods of its classes."""
    for node in tree(path).body:
        yield node
        if isinstance(node, ast.ClassDef):
            yield from node.body


def test_public_functions_say_what_they_mean() -> None:
    silent = [
        f"{path.name}: {node.name}"
        for path in sorted(MODEL.rglob("*.py"))
        for node in defined(path)
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
    ]
    assert silent == []


def test_every_row_is_used_by_some_choice() -> None:
    catalogue = inputs.load()
    used = set()
    for platform, *chosen in product(recipes.load(), *inputs.SELECTORS.values()):
        used |= set(catalogue.select(platform, *chosen).values())
    assert [row.name for row in catalogue.rows if row not in used] == []


def test_every_table_item_is_used_by_a_recipe_or_a_panel() -> None:
    names = inputs.load().names()
    all_recipes = recipes.load().values()
    library, ways = step_library.optional_steps().values(), step_library.deliveries().values()
    devices = {device.id for recipe in all_recipes for device in recipe.devices}
    devices |= {device for part in (*library, *ways) for device in part.devices}
    bills = [step.materials for recipe in all_recipes for step in recipe.steps]
    bills += [bill for way in ways for bill in (way.materials, way.payload)] + [step.materials for step in library]
    items = {entry.item for bill in bills for entry in bill}
    steps = {step.id for recipe in all_recipes for step in recipe.steps} | {step.id for step in library}
    chosen = {f"{kind}_{x}" for kind in ("sterility", "mycoplasma", "potency") for x in options(kind)}
    extra = {test for way in ways for test in way.tests}
    extra |= {entry.test for step in library for entry in step.tests if entry.test != "potency"}
    known = dict.fromkeys(names)
    sized = set(inputs.table_items(known, "capacity", "devices"))
    fittings = set(inputs.table_items(known, "capacity", "fittings"))
    assert sized | fittings == devices
    assert sized & fittings == set()
    assert set(inputs.table_items(known, "materials", "items")) == items
    assert set(inputs.table_items(known, "process", "steps")) == steps
    assert set(inputs.table_items(known, "quality", "tests")) == chosen | set(STANDING_TESTS) | extra
    assert set(inputs.table_items(known, "process", "operations")) == {
        part.operation for part in (*library, *ways) if part.operation
    }
    assert set(inputs.table_items(known, "equipment", "licences")) <= sized


def variants() -> list[Scenario]:
    """Scenarios that between them switch on every part of the model."""
    built = []
    for name, platform, patients in product(("founder", "academic", "investor"), recipes.load(), (20, 1_500)):
        for tenure, settings in (
            ("lease", {"testing": "in_house", "plate_reading": "in_house", "conditional_release": "no"}),
            ("build", {"testing": "outsourced", "plate_reading": "outsourced", "potency": "killing"}),
            ("pod", {"sizing": "fixed_plant", "apheresis": "fresh", "lane": "domestic"}),
            ("host_hospital", {"apheresis": "frozen", "lane": "international", "mycoplasma": "culture"}),
            ("host_hospital", {"testing": "in_house", "potency": "killing", "vector_supply": "by_dose"}),
            ("cdmo", {"apheresis": "fresh", "lane": "local", "vector_supply": "campaign"}),
            ("host_hospital", {"vector_supply": "campaign", "vector_yield": "from_titre"}),
        ):
            for sterility, grade in zip(options("sterility"), ("CNC", "D", "C", "B"), strict=True):
                switches = settings | {"sterility": sterility, "room_grade": grade, "tenure": tenure}
                exposure = "open" if sterility == "pcr" else "closed"
                exposed = {f"steps.{step.id}": exposure for step in recipes.load()[platform].steps[:-1:2]}
                fixed = {"platform": platform, "heads": "fractional", "plan.plant": "new"}
                changed = with_changes(load(name), fixed | switches | exposed, "test")
                built.append(replace(changed, inputs={"demand.patients_per_year": float(patients)}))
    return [*with_changes_of_the_plant(), *built, *limited_by_starting_cells(), *with_optional_steps()]


def with_changes_of_the_plant() -> list[Scenario]:
    """Every kind of change, early and late."""

    def decision(kind: str, month: int, **more: object) -> dict[str, object]:
        return {"id": kind, "name": kind, "kind": kind, "month": month} | more

    decided = [
        decision("switch_platform", 40, platform="semi_auto"),
        decision("adopt_sterility", 2, sterility="pcr"),
        decision("go_electronic", 3),
    ]
    late = {"phases": [asdict(replace(phase, stage="commercial")) for phase in load("founder").plan.phases]}
    return [
        with_changes(load("founder"), {"plan.decisions": decided, "plan.plant": "existing"} | more, "test")
        for more in ({}, {"plan.phases": late["phases"]}, {"plan.phases.phase_1.demand": "growing"})
    ]


def with_optional_steps() -> list[Scenario]:
    """Every optional step on every platform, delivered each way, on research-grade instruments."""
    every = {"step_edits": {"optional": list(step_library.optional_steps())}, "instruments": "research"}
    return [
        with_changes(load(name), every | {"platform": platform, "delivery": way, "heads": "fractional"} | short, "test")
        for name, platform, way in product(("founder", "academic"), recipes.load(), step_library.deliveries())
        for short in (
            {"testing": "in_house", "stage": "commercial", "demand.patients_per_year": 1_500.0},
            {"testing": "outsourced", "stage": "clinical", "demand.patients_per_year": 2.0},
            {"vector_supply": "campaign", "sterility": "pcr", "process.culture_days": 2.0},
        )
    ]


def limited_by_starting_cells() -> list[Scenario]:
    """A rapid culture of all selected cells, with lots lost by the cell balance: here the collection counts."""
    rapid = {"cells.cells_into_culture": 2.0, "process.culture_days": 2.5}
    return [
        replace(
            with_changes(load("founder"), {"platform": platform, "starting_material": "cell_balance"}, "test"),
            inputs=own,
        )
        for platform, own in product(recipes.load(), (rapid, {}))
    ]


FAR = 20.0
NO_EVIDENCE_OF_OPEN_WORK = {
    "process.steps.cryo.open_manipulations",
    "process.steps.setup.open_manipulations",
}
"""The evidence table has no open manipulation in these steps, so their rows are zero and stay without effect."""


def moved(s: Scenario) -> set[str]:
    """Inputs that move any output of a scenario at their low or high end or far above it, from one array run."""
    rows = rows_in_use(s)
    names = [name for name in rows if name not in s.inputs]
    columns = 3 * len(names) + 1
    given = {}
    for i, name in enumerate(names):
        row, bounds = rows[name], inputs.bounds_of(name)
        assert bounds is not None
        values = np.full(columns, row.base)
        values[3 * i] = row.low if row.low < row.base else row.base * 0.9
        values[3 * i + 1] = row.high if row.high > row.base else row.base * 1.1
        values[3 * i + 2] = min(bounds.at_most, FAR * max(row.high, row.base * 1.1))
        given[name] = values
    areas = areas_of(s, given=given)
    results = year_of(s, areas)
    cash = cash_of(s, areas, results, areas_by_stage(s, areas, given))
    net = [month.inflow - month.received - month.outflow for month in cash.months]
    outputs = [
        cost_of(s.choices, results).per_patient_infused,
        results.plates.per_year,
        results.cells.missed_dose,
        results.cells.selected,
        results.funnel.vein_to_vein_days,
        results.months_to_first_lot,
        results.transition_price,
        results.transition_months,
        results.plant.ceiling,
        cash.lowest,
        net_present_value(net, areas.finance.discount_rate),
    ]
    changed = np.zeros(columns, dtype=bool)
    for output in outputs:
        values = np.broadcast_to(np.asarray(output, dtype=float), columns)
        changed |= np.abs(values - values[-1]) > 1e-12 * np.maximum(1.0, np.abs(values[-1]))
    return {name for i, name in enumerate(names) if changed[3 * i : 3 * i + 3].any()}


@pytest.mark.slow
def test_I_90_every_input_moves_some_output_somewhere() -> None:
    still = set(inputs.load().names()) - {"demand.patients_per_year"} - NO_EVIDENCE_OF_OPEN_WORK
    for s in variants():
        if not still:
            break
        if still & set(rows_in_use(s)):
            still -= moved(s)
    assert still == set()


def test_every_declared_field_has_a_row_and_no_row_is_undeclared() -> None:
    inputs.load().check(recipes.load())
    assert set(inputs.declared(inputs.load())) == set(inputs.load().names())


def test_every_output_of_the_contract_has_a_value() -> None:
    data = as_data(evaluate(load("founder")))
    wanted = {
        "scenario": {"name", "digest", "data_version"},
        "cost": {
            "per_lot_started",
            "per_dose_released",
            "per_patient_infused",
            "annual_total",
            "fixed_share",
            "failure_per_patient_infused",
            "evidence",
        },
        "funnel": {
            "patients",
            "aphereses",
            "lots_started",
            "lots_failed",
            "doses_released",
            "patients_infused",
            "vein_to_vein_days",
        },
        "cells": {"collected_1e9", "viable_1e9", "target_1e9", "below_minimum", "missed_dose"},
        "capacity": {"ceiling_lots_per_year", "bottleneck", "utilisation", "suites", "devices", "room_grade"},
        "people": {"heads", "total"},
        "monitoring": {"plates_per_lot", "plates_per_year"},
        "cash": {
            "runway_months",
            "flat_burn_runway_months",
            "cash_out_month",
            "lowest_balance",
            "funding_gap",
            "npv",
            "irr",
            "months",
        },
    }
    for part, names in wanted.items():
        assert names <= set(data[part]), part
    assert {"A", "B", "C", "D"} <= set(data["cost"]["evidence"])
    assert {"currency", "price_year", "categories", "ledger", "warnings"} <= set(data)
    assert {"month", "opening", "in", "out", "closing"} <= set(data["cash"]["months"][0])
    assert {"id", "category", "step", "basis", "quantity", "price", "annual"} <= set(data["ledger"][0])
