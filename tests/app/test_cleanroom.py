"""The cleanroom page: its tables add up to the ledger, and every tab stands for every scenario."""

import pytest

from dosecost import ledger, scenario
from dosecost.analysis.closing import each_alone, one_by_one
from dosecost.evaluation import Evaluation, evaluate
from dosecost.scenario import with_change
from dosecost_app import cleanroom_views as views
from dosecost_app import words
from tests.app.running import opened

TABS = ("Rooms", "Monitoring", "Closing steps", "Whose rooms", "Idle")
CASES = {name: evaluate(scenario.load(name)) for name in scenario.shipped()} | {
    "contract": evaluate(with_change(scenario.load("founder"), "tenure", "cdmo", "")),
    "host": evaluate(with_change(scenario.load("founder"), "tenure", "host_hospital", "")),
    "closed": evaluate(with_change(scenario.load("founder"), "platform", "robotic", "")),
}


@pytest.fixture(params=CASES)
def e(request: pytest.FixtureRequest) -> Evaluation:
    return CASES[request.param]


@pytest.mark.parametrize("tab", TABS)
def test_every_tab(e: Evaluation, tab: str) -> None:
    at = opened(e.scenario, "cleanroom", cleanroom_tabs=tab)
    assert not at.exception
    assert at.title[0].value.startswith("Which rooms")


def total(e: Evaluation, prefix: str) -> float:
    return sum(line.annual for line in e.results.lines if line.id.startswith(prefix))


def test_I_17_the_sampling_plan_s_plates_are_the_model_s(e: Evaluation) -> None:
    """By hand for the founder: sessions x plates a session x lots, and routine plates x rooms x weeks."""
    rows = {str(row["Sample"]): row for row in views.sampling_rows(e)}
    plates = e.results.plates
    assert sum(float(str(row["Plates per year"])) for row in rows.values()) == pytest.approx(plates.per_year)
    assert sum(float(str(row["Plates per lot"])) for row in list(rows.values())[:-1]) == pytest.approx(plates.per_lot)
    money = f"Plates, {e.scenario.currency} a year"
    assert sum(float(str(row[money])) for row in rows.values()) == pytest.approx(total(e, "monitoring.plates"))
    a, work = e.areas.monitoring, e.results.work
    assert rows["Active air sample"]["Plates per lot"] == pytest.approx(work.open_sessions * a.active_air_plates)
    assert rows["Glove print"]["Plates per lot"] == pytest.approx(work.open_session_exits * a.glove_plates)
    in_b = 1.0 if e.results.grade == "B" else 0.0
    exits = work.open_session_exits
    assert rows["Gown plate at exit"]["Plates per lot"] == pytest.approx(exits * a.gown_plates * in_b)


def test_monitoring_adds_up_to_its_category(e: Evaluation) -> None:
    bars = views.monitoring(e).chart.frame["amount"].sum()
    assert bars == pytest.approx(ledger.by_category(e.results.lines)["monitoring"] / e.results.funnel.patients_infused)


def test_idle_adds_up_to_its_category(e: Evaluation) -> None:
    bars = views.idle(e).chart.frame["amount"].sum()
    idle = ledger.by_category(e.results.lines)["idle_capacity"]
    assert bars == pytest.approx(idle / e.results.funnel.patients_infused)


def test_rooms_add_up_to_the_ledger_used_and_idle(e: Evaluation) -> None:
    bars = views.rooms(e).chart.frame["amount"].sum()
    assert bars == pytest.approx(total(e, "facility.") + total(e, "idle.facility."))


def test_area_by_hand() -> None:
    """Founder: 3 rooms of 30 m2 with 18 m2 of airlocks, four times that in all."""
    e = CASES["founder"]
    a = e.areas.facility
    table = views.area_table(e)
    assert list(table["Area (m²)"]) == pytest.approx(
        [3 * a.suite_m2, 3 * a.airlock_m2, 3 * (a.suite_m2 + a.airlock_m2) * (a.gross_to_clean - 1), 576.0]
    )


def test_tenures_are_the_model_s() -> None:
    founder = scenario.load("founder")
    found = {name: evaluate(with_change(founder, "tenure", name, "")) for name in scenario.options("tenure")}
    frame = views.tenures(found, "lease").chart.frame
    for (_, e), amount, text in zip(found.items(), frame["amount"], frame["text"], strict=True):
        assert amount == e.cost.per_patient_infused
        assert f"{words.doses(e.results.months_to_first_lot)} mo" in text


def test_the_closing_page_says_what_rises(e: Evaluation) -> None:
    alone = each_alone(e.scenario)
    path = one_by_one(e.scenario, [one.step for one in alone])
    finding = views.closing_finding(e, alone)
    if alone:
        assert words.money(abs(alone[0].saving), e.scenario.currency) in finding
        assert list(views.closing(e, alone).chart.frame["amount"]) == [one.saving for one in alone]
        assert words.money(path[-1].cost, e.scenario.currency) in views.path_finding(e, path)
    else:
        assert finding == "No step is open: nothing is left to close."


def test_the_sampling_plan_is_a_file() -> None:
    text = views.sampling_csv(CASES["founder"]).decode("utf-8-sig")
    assert text.splitlines()[0].startswith("Sample,Grade watched,Occasion,Plates per session")
    assert len(text.splitlines()) == len(views.SAMPLES) + 2
