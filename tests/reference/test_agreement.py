"""Random scenarios, read by two engines that share nothing but the page and the data: every number must agree.

`engine.py` beside this file was written from docs/model.md without looking at the package.
"""

import copy
import json
import math
import random

import pytest

from dosecost import contract, scenario
from dosecost.analysis.evidence import grade_shares
from dosecost.evaluation import evaluate
from tests.reference import engine

QUICK = 500
LONG = 5_000
CHUNK = 100
COUNTED_ROLES = ("operator", "qc_analyst", "qa_specialist", "supply_chain")
RELATIVE = 1e-9
ABSOLUTE = 1e-6
BALANCES = ("opening", "closing", "lowest_balance", "funding_gap", "gap")
"""Running sums: near zero they keep the rounding of the largest balance before."""
OF_LARGEST = 1e-11
SHIPPED = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((engine.DATA / "scenarios").glob("*.json"))
}
OPTIONS = {
    "platform": engine.platforms(),
    "setting": ["academic", "commercial"],
    "stage": ["clinical", "commercial"],
    "tenure": ["build", "lease", "pod", "host_hospital", "cdmo"],
    "sizing": ["size_for_demand", "fixed_plant"],
    "room_grade": ["from_steps", "CNC", "D", "C", "B"],
    "sterility": ["compendial", "growth", "pcr", "cytometry"],
    "mycoplasma": ["culture", "pcr"],
    "potency": ["cytokine", "killing"],
    "testing": ["in_house", "outsourced"],
    "plate_reading": ["in_house", "outsourced"],
    "conditional_release": ["yes", "no"],
    "record": ["paper", "electronic"],
    "apheresis": ["fresh", "frozen"],
    "lane": ["local", "domestic", "international"],
    "delivery": ["lentiviral", "retroviral", "non_viral"],
    "instruments": ["gmp", "research"],
    "vector_supply": ["by_dose", "campaign"],
    "vector_yield": ["as_quoted", "from_titre"],
    "remake": ["yes", "no"],
    "starting_material": ["observed", "cell_balance"],
    "heads": ["whole", "fractional"],
    "failure_convention": ["stage_wise", "times_one_plus_f", "divided_by_one_minus_f"],
    "boundary": ["manufacture", "quality_and_release", "apheresis_and_logistics", "fully_loaded"],
}


# --- Random scenarios --------------------------------------------------------------------------------------------


def log_uniform(rng, low, high):
    """A number whose logarithm is uniform."""
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def change_inputs(rng, raw):
    """A demand and some ten other inputs of the user's own, each within the range of its row."""
    choice = raw["choices"]
    low = engine.inputs_of(raw, column="low")
    high = engine.inputs_of(raw, column="high")
    for name in rng.sample(sorted(low), rng.randint(0, 20)):
        raw["inputs"][name] = rng.choice([rng.uniform(low[name], high[name])] * 8 + [low[name], high[name]])
    raw["inputs"]["demand.patients_per_year"] = log_uniform(rng, 1, 2000)
    if rng.random() < 0.2:
        raw["inputs"]["monitoring.lots_lost_per_excursion"] = rng.uniform(0, 0.1)
    if rng.random() < 0.3:
        raw["inputs"]["cells.cells_into_culture"] = log_uniform(rng, 0.02, 4)
        raw["inputs"]["process.culture_days"] = rng.uniform(0.5, 14)
    if choice["sizing"] == "fixed_plant" and rng.random() < 0.8:
        raw["inputs"]["capacity.suites_installed"] = rng.randint(1, 8)
        raw["inputs"]["capacity.devices_installed"] = rng.randint(1, 16)


def change_plan(rng, plan):
    """Other phases, receipts, dates and amounts."""
    plan["plant"] = rng.choice(["new", "existing"])
    plan["plant_order_month"] = rng.choice([1, 1, rng.randint(1, 36)])
    plan["horizon_months"] = rng.choice([plan["horizon_months"], rng.randint(12, 120)])
    plan["opening_cash"] = rng.choice([plan["opening_cash"], 0, log_uniform(rng, 1e5, 1e9)])
    plan["floor"] = rng.choice([plan["floor"], 0, log_uniform(rng, 1e4, 1e8)])
    plan["flat_burn_months"] = rng.randint(1, 12)
    if rng.random() < 0.3:
        plan["phases"] = plan["phases"][rng.randrange(len(plan["phases"])) :]
    for phase in plan["phases"]:
        if rng.random() < 0.5:
            phase["share_of_demand"] = rng.choice([0, 1, rng.random(), rng.uniform(0, 0.1)])
        if rng.random() < 0.5:
            phase["months"] = rng.randint(1, 40)
        if rng.random() < 0.15:
            phase["demand"] = rng.choice(["flat", "growing", "growing"])
        if rng.random() < 0.5:
            phase["stage"] = rng.choice(OPTIONS["stage"])
        if rng.random() < 0.5:
            phase["revenue"] = rng.choice(["none", "charge_back", "price"])
        if rng.random() < 0.5:
            phase["clinical_per_patient"] = rng.uniform(0, 3e5)
            phase["research_per_month"] = rng.uniform(0, 1e6)
            phase["administration_per_month"] = rng.uniform(0, 1e6)
    if rng.random() < 0.2:
        plan["receipts"] = []
    for receipt in plan["receipts"]:
        receipt["amount"] = log_uniform(rng, 1e4, 1e9)
        receipt["month"] = rng.randint(1, 120)
        receipt["instalments"] = rng.choice([1, rng.randint(1, 48)])


def change_decisions(rng, plan):
    """Up to five decisions of any kind, in any month."""
    kinds = {
        "debt": lambda: {
            "amount": log_uniform(rng, 1e4, 1e8),
            "yearly_interest": rng.choice([0, rng.uniform(0, 0.3)]),
            "interest_only_months": rng.randint(0, 24),
            "repayment_months": rng.randint(1, 120),
        },
        "switch_platform": lambda: {"platform": rng.choice(OPTIONS["platform"])},
        "adopt_sterility": lambda: {"sterility": rng.choice(OPTIONS["sterility"])},
        "go_electronic": dict,
        "gmp_instruments": dict,
        "hire": lambda: {"role": rng.choice(engine.ROLES), "heads": rng.uniform(0, 5)},
        "price_change": lambda: {"price_factor": rng.uniform(0, 2)},
        "buy": lambda: {"devices": rng.randint(1, 5)},
        "build": lambda: {"suites": rng.randint(1, 3)},
        "open_hub": lambda: {"share_of_demand": rng.choice([rng.uniform(0.05, 0.6), rng.uniform(0, 1), 0, 1])},
    }
    plan["decisions"] = []
    for number in range(rng.randint(1, 5)):
        kind = rng.choice(sorted(kinds))
        entry = {"id": f"d{number}", "name": kind, "kind": kind, "month": rng.randint(1, rng.choice([12, 60, 120]))}
        plan["decisions"].append(entry | kinds[kind]())


def random_scenario(rng):
    """A scenario from somewhere around one of the shipped ones."""
    raw = copy.deepcopy(SHIPPED[rng.choice(sorted(SHIPPED))])
    del raw["digest"]
    for name, options in OPTIONS.items():
        if rng.random() < 0.6:
            raw["choices"][name] = rng.choice(options)
    if rng.random() < 0.2:
        raw["currency"] = rng.choice(["USD", "EUR"])
        raw["price_year"] = rng.randint(2015, 2035)
    if rng.random() < 0.4:
        wanted = [step["id"] for step in engine.library("optional")["steps"]]
        raw["step_edits"] = {"optional": rng.sample(wanted, rng.randint(1, len(wanted)))}
    recipe = engine.made(
        raw["choices"]["platform"], raw["choices"]["delivery"], raw.get("step_edits", {}).get("optional", [])
    )
    steps = [step["id"] for step in recipe["steps"] if step["group"] != "room"]
    if rng.random() < 0.5:
        for step in rng.sample(steps, rng.randint(1, len(steps))):
            raw["steps"][step] = rng.choice(["open", "closed", "platform"])
    change_inputs(rng, raw)
    change_plan(rng, raw["plan"])
    if rng.random() < 0.4:
        change_decisions(rng, raw["plan"])
    return raw


# --- Comparison --------------------------------------------------------------------------------------------------


def expected(ours):
    """The reference's answer under the names of the contract."""
    capacity, cash, process = ours["capacity"], ours["cash"], ours["process"]
    per_lot = ours["monitoring"]["plates_per_lot"]
    return {
        "cost": ours["cost"],
        "categories": ours["categories"],
        "steps": {step or "": value for step, value in ours["steps"].items()},
        "by_category": ours["ledger"]["by_category"],
        "by_basis": {basis.replace("_", " "): value for basis, value in ours["ledger"]["by_basis"].items()},
        "funnel": {
            "lots_remade" if name == "remade" else name: value
            for name, value in {**ours["funnel"], "slot_wait_days": capacity["slot_wait_days"]}.items()
            if name not in ("admitted", "first_lots", "release_days")
        },
        "process": {
            "process_days": process["process_days"],
            "operator_hours_per_lot": process["operator_hours"],
            "open_manipulations_per_lot": process["open_manipulations"],
            "open_sessions_per_lot": process["open_sessions"],
        },
        "cells": ours["cells"],
        "capacity": {
            "ceiling_lots_per_year": capacity["ceiling"],
            "suites": capacity["suites"],
            "devices": capacity["devices"],
            "room_grade": capacity["room_grade"],
            "capital": capacity["invested"],
            "months_to_first_lot": capacity["months_to_first_lot"],
            "transition_price": capacity["transition_price"],
            "transition_months": capacity["transition_months"],
        },
        "utilisation": {
            "suites": capacity["suites_used"],
            "limiting": capacity["devices_used"],
            **{role: ours["people"]["used"][role] for role in COUNTED_ROLES},
        },
        "people": {"heads": ours["people"]["heads"], "total": ours["people"]["total"]},
        "monitoring": {
            "plates_per_lot": sum(per_lot.values()),
            "plates_per_lot_by_type": per_lot,
            "plates_per_year": ours["monitoring"]["plates_per_year"],
        },
        "cash": {name: value for name, value in cash.items() if name != "ready"},
    }


def found(theirs, raw):
    """The package's answer, with the sums over the ledger that the reference also gives."""
    by_category = dict.fromkeys(theirs["categories"], 0.0)
    by_basis = {}
    for line in theirs["ledger"]:
        by_category[line["category"]] = by_category.get(line["category"], 0.0) + line["annual"]
        by_basis[line["basis"]] = by_basis.get(line["basis"], 0.0) + line["annual"]
    used = theirs["capacity"]["utilisation"]
    if raw["choices"]["tenure"] == "cdmo":
        used = {"suites": 0.0, "limiting": 0.0} | dict.fromkeys(COUNTED_ROLES, 1.0)
    limiting = engine.recipe_of(raw["choices"]["platform"])["limiting_device"]
    return {
        **theirs,
        "by_category": by_category,
        "by_basis": by_basis,
        "utilisation": {**used, "limiting": used.get("limiting", used.get(limiting))},
    }


def differences(want, have, where="", largest=0.0):
    """Every place where what the reference says is not what the package says."""
    if isinstance(want, dict):
        have = have if isinstance(have, dict) else {}
        for name, value in want.items():
            yield from differences(value, have.get(name, "missing"), f"{where}.{name}", largest)
    elif isinstance(want, list):
        if len(want) != len(have):
            yield f"{where}: {len(want)} entries, not {len(have)}"
        for number, (left, right) in enumerate(zip(want, have, strict=False)):
            yield from differences(left, right, f"{where}[{number}]", largest)
    elif isinstance(want, (int, float)) and isinstance(have, (int, float)):
        slack = OF_LARGEST * largest if where.rpartition(".")[2] in BALANCES else 0.0
        if not abs(want - have) <= max(ABSOLUTE, slack, RELATIVE * max(abs(want), abs(have))):
            yield f"{where}: reference {want!r}, package {have!r}"
    elif want != have:
        yield f"{where}: reference {want!r}, package {have!r}"


def disagreements(raw):
    """What the two engines say differently about one scenario."""
    theirs = contract.as_data(evaluate(scenario.from_data(raw, "random")))
    ours = engine.evaluate(raw)
    largest = max(abs(month["closing"]) for month in ours["cash"]["months"])
    return list(differences(expected(ours), found(theirs, raw), "", largest))


# --- Tests -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_agree(name):
    assert disagreements(SHIPPED[name]) == []


@pytest.mark.parametrize("name", SHIPPED)
def test_evidence_shares_of_shipped_scenarios_agree(name):
    shares = grade_shares(scenario.from_data(SHIPPED[name], name))
    want = engine.evidence(SHIPPED[name])
    assert shares == pytest.approx({grade: want.get(grade, 0.0) for grade in shares}, rel=1e-6, abs=1e-9)


def check(seeds, monkeypatch):
    """Both engines agree on the scenario of each seed."""
    monkeypatch.setattr(contract, "grade_shares", lambda _: {})
    for seed in seeds:
        raw = random_scenario(random.Random(seed))
        found_here = disagreements(raw)
        assert not found_here, f"seed {seed}: {found_here[:5]}\n{json.dumps(raw)}"


@pytest.mark.parametrize("start", range(0, QUICK, CHUNK))
def test_random_scenarios_agree(start, monkeypatch):
    check(range(start, start + CHUNK), monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("start", range(QUICK, LONG, CHUNK))
def test_many_random_scenarios_agree(start, monkeypatch):
    check(range(start, start + CHUNK), monkeypatch)


@pytest.mark.slow
def test_internal_rates_of_return_agree(monkeypatch):
    monkeypatch.setattr(contract, "grade_shares", lambda _: {})
    given = 0
    for seed in range(300):
        raw = random_scenario(random.Random(seed))
        want = engine.irr(engine.evaluate(raw)["cash"]["months"])
        have = contract.as_data(evaluate(scenario.from_data(raw, "random")))["cash"]["irr"]
        given += want is not None
        assert have == (None if want is None else pytest.approx(want, rel=1e-6, abs=1e-6)), f"seed {seed}"
    assert given > 3


@pytest.mark.parametrize("seed", range(10))
def test_evidence_shares_of_random_scenarios_agree(seed):
    raw = random_scenario(random.Random(seed))
    shares = grade_shares(scenario.from_data(raw, "random"))
    want = engine.evidence(raw)
    assert shares == pytest.approx({grade: want.get(grade, 0.0) for grade in shares}, rel=1e-6, abs=1e-9)


# --- What the two engines once disagreed on, each with its smallest example --------------------------------------


def test_no_patients_before_the_plant(monkeypatch):
    monkeypatch.setattr(contract, "grade_shares", lambda _: {})
    raw = copy.deepcopy(SHIPPED["founder"])
    raw["plan"]["phases"] = raw["plan"]["phases"][1:]
    assert disagreements(raw) == []


def test_milestone_gap_counts_the_opening_cash(monkeypatch):
    monkeypatch.setattr(contract, "grade_shares", lambda _: {})
    raw = copy.deepcopy(SHIPPED["founder"])
    raw["plan"]["opening_cash"] = 0
    raw["plan"]["receipts"] = [{**raw["plan"]["receipts"][0], "amount": 1e9, "month": 1, "instalments": 1}]
    assert disagreements(raw) == []
