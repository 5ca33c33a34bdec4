"""Scenario files and changes: what is refused leaves the scenario as it was (S-21, T-025)."""

import json
from pathlib import Path
from typing import Any

import pytest

from dosecost import scenario
from dosecost.errors import InputError
from dosecost.scenario import Scenario, load, parse, with_change, with_changes
from tests import hostile


def body(name: str = "founder") -> dict[str, Any]:
    """A shipped scenario as plain data."""
    data: dict[str, Any] = json.loads(scenario.dump(load(name)))
    return data


def text_of(data: dict[str, Any]) -> str:
    return json.dumps(data)


@pytest.mark.parametrize("name", scenario.shipped())
def test_T_024_shipped_scenarios_load_save_and_load(name: str) -> None:
    loaded = load(name)
    assert parse(scenario.dump(loaded), "again") == loaded
    assert body(name)["digest"] == loaded.digest
    path = scenario.SCENARIOS / f"{name}.json"
    assert path.read_text(encoding="utf-8") == scenario.dump(loaded)


def test_there_are_three_shipped_scenarios() -> None:
    assert scenario.shipped() == ("academic", "founder", "investor")


def broken(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    data = body()
    place: Any = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return data


CASES: list[tuple[tuple[str | int, ...], object, str]] = [
    (("colour",), "red", "colour: unknown key"),
    (("choices", "colour"), "red", "unknown choice"),
    (("choices", "platform"), "steam", "'steam' is not one of manual_open"),
    (("choices", "platform"), 5, "5 is not one of"),
    (("choices", "remake"), True, "True is not one of yes, no"),
    (("choices",), [], "choices: needs an object"),
    (("steps",), {"brew": "open"}, "steps.brew: unknown step"),
    (("steps",), {"fill": "ajar"}, "'ajar' is not one of platform, open, closed"),
    (("inputs",), {"demand.patients": 5}, "demand.patients: no input of that name"),
    (("inputs",), {"weather.rain": 5}, "weather.rain: no input of that name"),
    (("inputs",), {"process.steps.brew.days": 5}, "process.steps.brew.days: no input of that name"),
    (("inputs",), {"demand.patients_per_year": "40"}, "'40' is not a number"),
    (("inputs",), {"demand.patients_per_year": True}, "True is not a number"),
    (("inputs",), {"demand.patients_per_year": 0}, "allowed are 0.1 to 20000"),
    (("inputs",), {"losses.device_failure": 1}, "allowed are 0 to 0.9"),
    (("name",), "", "name: needs a text"),
    (("name",), 5, "name: needs a text"),
    (("name",), "x" * 81, "name: needs a text of 1 to 80"),
    (("currency",), "CHF", "'CHF' is not one of USD, EUR"),
    (("price_year",), 1990, "1990 is not a year from 2000 to 2060"),
    (("price_year",), 2026.5, "is not a year"),
    (("price_year",), True, "is not a year"),
    (("format",), "other", "not a scenario file"),
    (("format_version",), 2, "2 is not 1"),
    (("format_version",), True, "True is not 1"),
    (("data_version",), "2027.1", "'2027.1' is not 2026.11"),
    (("plan",), 5, "plan: needs an object"),
    (("plan", "colour"), 5, "plan.colour: unknown key"),
    (("plan", "horizon_months"), 11, "allowed are 12 to 120, whole"),
    (("plan", "horizon_months"), 240, "allowed are 12 to 120, whole"),
    (("plan", "horizon_months"), 24.5, "allowed are 12 to 120, whole"),
    (("plan", "opening_cash"), -1, "allowed are 0 to"),
    (("plan", "opening_cash"), "a lot", "is not a number"),
    (("plan", "plant"), "borrowed", "'borrowed' is not one of new, existing"),
    (("plan", "phases"), [], "needs at least one phase"),
    (("plan", "phases"), {}, "needs a list"),
    (("plan", "phases", 0, "share_of_demand"), 1.5, "allowed are 0 to 1"),
    (("plan", "phases", 0, "revenue"), "gold", "'gold' is not one of none, charge_back, price"),
    (("plan", "phases", 1, "id"), "pre_ind", "two entries with one id"),
    (("plan", "receipts", 0, "month"), 0, "allowed are 1 to 120"),
    (("plan", "receipts", 0, "kind"), "theft", "'theft' is not one of equity, grant"),
    (("plan", "receipts", 0, "name"), "", "needs a text of 1 to 80"),
    (("notes",), {"x": 5}, "x: needs a text"),
]


@pytest.mark.parametrize(
    ("path", "value", "why"), CASES, ids=[f"{'.'.join(map(str, c[0]))}={c[1]!r:.20}" for c in CASES]
)
def test_T_025_a_bad_file_is_one_line_that_names_key_and_bound(
    path: tuple[str | int, ...], value: object, why: str
) -> None:
    with pytest.raises(InputError) as caught:
        parse(text_of(broken(path, value)), "mine.json")
    message = str(caught.value)
    assert message.startswith("mine.json: ")
    assert why in message
    assert "\n" not in message


@pytest.mark.parametrize("missing", [*scenario.KEYS])
def test_half_a_scenario_is_refused(missing: str) -> None:
    data = body()
    del data[missing]
    with pytest.raises(InputError, match=r"missing|not a scenario file"):
        parse(text_of(data), "half.json")


@pytest.mark.parametrize("missing", scenario.CHOICE_NAMES)
def test_a_missing_choice_is_refused(missing: str) -> None:
    data = body()
    del data["choices"][missing]
    with pytest.raises(InputError, match=f"missing: {missing}"):
        parse(text_of(data), "half.json")


@pytest.mark.parametrize("name", sorted(hostile.DOCUMENTS))
def test_S_21_hostile_files_are_refused_in_one_line(name: str, tmp_path: Path) -> None:
    document = hostile.DOCUMENTS[name]
    path = tmp_path / "hostile.json"
    path.write_bytes(document.encode("utf-8", "surrogatepass") if isinstance(document, str) else document)
    with pytest.raises(InputError) as caught:
        load(str(path))
    assert "\n" not in str(caught.value)


def test_a_five_megabyte_file_and_a_missing_one_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_text('{"name": "' + "x" * 5_000_000 + '"}', encoding="utf-8")
    with pytest.raises(InputError, match=r"large\.json"):
        load(str(path))
    with pytest.raises(InputError, match="no such file"):
        load(str(tmp_path / "absent.json"))


CHANGES: list[tuple[str, object, str]] = [
    ("bogus", 1, "unknown key"),
    ("platform", "steam", "is not one of"),
    ("steps.fill", "ajar", "is not one of"),
    ("steps.brew", "open", "unknown step"),
    ("demand.patients_per_year", float("nan"), "out of range"),
    ("demand.patients_per_year", 1e999, "out of range"),
    ("plan.floor", -5, "out of range"),
    ("plan.phases.phase_9.months", 5, "no entry 'phase_9'"),
    ("plan.phases.phase_1.months", 0, "out of range"),
    ("plan.phases.phase_1.colour", 0, "unknown key"),
    ("plan.a.b", 0, "no such part of the plan"),
    ("currency", "EUR", "is fixed by the scenario file"),
    ("name", "", "needs a text"),
]


@pytest.mark.parametrize(("key", "value", "why"), CHANGES)
def test_a_bad_change_is_refused_and_changes_nothing(key: str, value: object, why: str) -> None:
    loaded = load("founder")
    digest = loaded.digest
    with pytest.raises(InputError, match="form") as caught:
        with_changes(loaded, {"platform": "robotic", key: value}, "form")
    assert why in str(caught.value)
    assert loaded.digest == digest == load("founder").digest


def changed(loaded: Scenario, **keys: object) -> Scenario:
    return with_changes(loaded, {key.replace("__", "."): value for key, value in keys.items()}, "test")


def test_changes_and_their_way_back() -> None:
    loaded = load("founder")
    other = changed(loaded, platform="robotic", steps__fill="open", demand__patients_per_year=55)
    assert (other.choices.platform, other.steps, other.inputs["demand.patients_per_year"]) == (
        "robotic",
        {"fill": "open"},
        55,
    )
    back = changed(other, platform="manual_open", steps__fill="platform", demand__patients_per_year=40)
    assert back == loaded
    assert with_change(loaded, "demand.patients_per_year", None, "test").inputs == {"logistics.clinical_sites": 5}
    longer = with_change(loaded, "plan.phases.phase_1.months", 24, "test")
    assert longer.plan.phases[1].months == 24
    assert longer.plan.phases[0] == loaded.plan.phases[0]


def test_the_digest_covers_everything_and_the_order_of_keys_does_not_matter() -> None:
    loaded = load("founder")
    data = body()
    data["inputs"] = dict(reversed(list(data["inputs"].items())))
    assert parse(text_of(data), "x").digest == loaded.digest
    seen = {loaded.digest}
    for key, value in (("name", "Other"), ("remake", "no"), ("plan.floor", 5), ("process.culture_days", 9.5)):
        seen.add(with_change(loaded, key, value, "test").digest)
    assert len(seen) == 5


def test_a_number_of_an_entry_whose_id_has_dots_is_found() -> None:
    hire = {"id": "a.b", "name": "Two", "kind": "hire", "month": 7, "role": "qc_analyst", "heads": 1}
    s = with_changes(load("founder"), {"plan.decisions": [hire]}, "test")
    assert with_change(s, "plan.decisions.a.b.heads", 2, "test").plan.decisions[0].heads == 2
