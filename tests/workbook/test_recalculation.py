"""Another program recalculates the workbooks and comes to the figures of the model (I-66, I-67, T-020 to T-022)."""

import io
import json
import math
import random
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dosecost import recipes, scenario
from dosecost.contract import by_formula, flat
from dosecost.evaluation import evaluate, rows_in_use
from dosecost.scenario import CHOICE_NAMES, Scenario, options, with_changes
from dosecost.workbook.layout import HEAD, INPUTS, OUTPUTS, PLAN_INPUTS, PLAN_VALUE, VALUE, YOURS
from dosecost.workbook.sheets import workbook
from tests.test_traced_run import PLAN, growing
from tests.workbook.recalculation import poisoned, recalculated, typed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

RELATIVE, CENT = 1e-6, 1e-5
DATE = datetime(2026, 11, 24, tzinfo=UTC)
RANDOM = 20
CHANGES = 20
ERROR = re.compile(r"^#(REF|DIV/0|NAME|VALUE|NUM|N/A|NULL)|^Err:")


def differences(book: Any, s: Scenario) -> list[str]:
    """Every output of the model that the recalculated workbook does not agree with or does not have."""
    wanted = dict(flat(by_formula(evaluate(s))))
    found = {row[0]: row[VALUE] for row in book[OUTPUTS].iter_rows(min_row=HEAD + 2, values_only=True) if row[0]}
    wrong = [f"{path}: not in the workbook" for path in wanted if path not in found]
    for path, cell in found.items():
        value = wanted.get(path)
        if isinstance(value, (int, float)):
            if not isinstance(cell, (int, float)) or not math.isclose(cell, value, rel_tol=RELATIVE, abs_tol=CENT):
                wrong.append(f"{path}: {cell!r}, not {value!r}")
        elif (cell or "") != ("none" if value is None else value):
            wrong.append(f"{path}: {cell!r}, not {value!r}")
    return wrong


def errors(book: Any) -> Iterator[str]:
    """Cells that show an error, on any sheet."""
    for sheet in book.worksheets:
        for row in sheet.iter_rows(values_only=True):
            yield from (f"{sheet.title}: {cell}" for cell in row if isinstance(cell, str) and ERROR.match(cell))


def random_scenario(seed: int) -> Scenario:
    """Any choices, own numbers inside their ranges, and for every second one a plan with decisions."""
    rng = random.Random(seed)
    base = scenario.load(rng.choice(scenario.shipped()))
    changes: dict[str, object] = {name: rng.choice(options(name)) for name in CHOICE_NAMES}
    built = with_changes(base, changes | (PLAN | growing(base) if seed % 2 else {}), "test")
    rows = rows_in_use(built)
    for name in rng.sample(sorted(rows), 8):
        built = with_changes(built, {name: rng.uniform(rows[name].low, rows[name].high)}, "test")
    return with_changes(built, {"demand.patients_per_year": rng.uniform(2, 600)}, "test")


def templates() -> dict[str, Scenario]:
    shipped = {name: scenario.load(name) for name in scenario.shipped()}
    found = {f"{n}-{p}": with_changes(s, {"platform": p}, "test") for n, s in shipped.items() for p in recipes.load()}
    edits = {"step_edits": {"optional": ["gene_editing", "depletion", "enrichment", "potency_sample"]}}
    planned = {f"{n}-plan": with_changes(s, PLAN | growing(s), "test") for n, s in shipped.items() if n != "academic"}
    named = {"ids": with_ids(shipped["founder"])}
    return found | planned | named | {"steps": with_changes(shipped["founder"], edits, "test")}


def with_ids(s: Scenario) -> Scenario:
    """Phases and decisions that are called as parts of the workbook are, or as no sheet can be."""
    body = json.loads(json.dumps(with_changes(s, PLAN | growing(s), "test").body()))
    for phase, name in zip(body["plan"]["phases"], ("without_patients", "full rate", "phases.hubs"), strict=True):
        phase["id"] = name
    for decision, name in zip(
        body["plan"]["decisions"], ("after", "as_bought", "\N{GRINNING FACE}" * 20), strict=False
    ):
        decision["id"] = name
    return scenario.from_data(body, "test")


def agree(scenarios: dict[str, Scenario], folder: Path) -> None:
    books = recalculated({name: poisoned(workbook(s, DATE)) for name, s in scenarios.items()}, folder)
    for name, book in books.items():
        assert differences(book, scenarios[name])[:10] == [], name
        assert list(errors(book)) == [], name
        master = next(book["Summary"].iter_rows(min_row=4, max_row=4, values_only=True))[0]
        assert str(master).endswith("all passed"), name


def test_every_template_recalculated_from_poisoned_values(tmp_path: Path) -> None:
    agree(templates(), tmp_path / "office")


def test_random_scenarios_recalculated_from_poisoned_values(tmp_path: Path) -> None:
    agree({f"random{seed}": random_scenario(seed) for seed in range(RANDOM)}, tmp_path / "office")


def test_numbers_changed_in_the_workbook_do_what_they_do_in_the_model(tmp_path: Path) -> None:
    books, scenarios = {}, {}
    for name in scenario.shipped():
        base = with_changes(scenario.load(name), PLAN if name == "founder" else {}, "test")
        book, rows = workbook(base, DATE), rows_in_use(base)
        free = [key for key in rows if rows[key].low < rows[key].high]
        for i in range(math.ceil(CHANGES / len(scenario.shipped()))):
            rng = random.Random(f"{name}{i}")
            own = {key: rng.uniform(rows[key].low, rows[key].high) for key in rng.sample(free, 12)}
            phase = rng.choice(base.plan.phases)
            plan = {
                "plan.opening_cash": rng.uniform(1e6, 9e7),
                f"plan.phases.{phase.id}.months": float(rng.randint(6, 30)),
                f"plan.phases.{phase.id}.share_of_demand": rng.random(),
                f"plan.phases.{phase.id}.research_per_month": rng.uniform(0, 9e5),
            }
            scenarios[f"{name}{i}"] = with_changes(base, own | plan, "test")
            changed = typed(typed(book, INPUTS, YOURS, own), PLAN_INPUTS, PLAN_VALUE, plan)
            books[f"{name}{i}"] = poisoned(changed)
    for name, found in recalculated(books, tmp_path / "office").items():
        assert differences(found, scenarios[name])[:10] == [], name
        assert list(errors(found)) == [], name


def test_the_recalculation_detects_a_wrong_formula_and_a_file_that_was_not_recalculated(tmp_path: Path) -> None:
    s = scenario.load("founder")
    book = poisoned(workbook(s, DATE))
    planted = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(planted, "w", zipfile.ZIP_DEFLATED) as new:
        seen = 0
        for name in old.namelist():
            text = old.read(name).decode("latin-1")
            changed = text.replace("cost.annual_total/funnel.patients_infused", "cost.annual_total/funnel.lots_started")
            seen += changed != text
            new.writestr(name, changed.encode("latin-1"))
    assert seen
    wrong = recalculated({"planted": planted.getvalue()}, tmp_path / "planted")["planted"]
    assert "cost.per_patient_infused" in " ".join(differences(wrong, s))
    kept = recalculated({"kept": book}, tmp_path / "kept", force=False)["kept"]
    assert len(differences(kept, s)) > 1_000
