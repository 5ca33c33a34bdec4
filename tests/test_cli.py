"""The command line as a contract: JSON, exits, one line of complaint."""

import json
import subprocess
import sys
from pathlib import Path

import pypdf
import pytest

from dosecost import cli, scenario
from dosecost.analysis.queueing_rules import OUTCOMES
from dosecost.evaluation import evaluate
from dosecost.scenario import with_changes
from dosecost.workbook.layout import INPUTS, YOURS
from tests.workbook.recalculation import typed


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli.main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("name", scenario.shipped())
@pytest.mark.parametrize("platform", scenario.options("platform"))
def test_evaluate_json(capsys: pytest.CaptureFixture[str], name: str, platform: str) -> None:
    code, out, err = run(capsys, "evaluate", name, "--set", f"platform={platform}", "--json")
    assert (code, err) == (0, "")
    data = json.loads(out, parse_constant=lambda text: pytest.fail(f"{text} in JSON"))
    e = evaluate(scenario.with_change(scenario.load(name), "platform", platform, "test"))
    assert data["scenario"]["digest"] == e.scenario.digest
    assert data["cost"]["per_patient_infused"] == e.cost.per_patient_infused
    assert sum(data["categories"].values()) == pytest.approx(data["cost"]["per_patient_infused"], rel=1e-9)
    assert sum(data["cost"]["evidence"].values()) == pytest.approx(1, rel=1e-9)
    total = sum(line["annual"] for line in data["ledger"])
    assert total == pytest.approx(data["cost"]["annual_total"], rel=1e-9)
    for month in data["cash"]["months"]:
        assert month["closing"] == pytest.approx(month["opening"] + month["in"] - month["out"], abs=0.01)


def test_evaluate_as_text_and_check(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "evaluate", "academic")
    assert code == 0
    assert "per patient infused  EUR" in out
    assert "cost of failure      EUR" in out
    code, out, _ = run(capsys, "check", "founder")
    assert code == 0
    assert "warning: cash" in out
    code, out, _ = run(capsys, "check", "founder", "--set", "apheresis=fresh", "--set", "lane=international")
    assert code == 1
    assert "error: apheresis" in out


def test_bridge_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "bridge", "founder", "investor", "--json")
    data = json.loads(out)
    assert code == 0
    assert sum(data["contributions"].values()) == pytest.approx(data["to"] - data["from"], rel=1e-9)
    code, out, _ = run(capsys, "bridge", "founder", "investor")
    assert code == 0
    assert len(out.splitlines()) == len(data["contributions"]) + 2
    code, _, err = run(capsys, "bridge", "founder", "academic")
    assert code == 2
    assert "cannot be subtracted" in err


def test_capacity(capsys: pytest.CaptureFixture[str]) -> None:
    few = ("--years", "5", "--replications", "40", "--seed", "2")
    code, out, err = run(capsys, "capacity", "founder", *few, "--wait-limit", "20", "--json")
    assert (code, err) == (0, "")
    data = json.loads(out, parse_constant=lambda text: pytest.fail(f"{text} in JSON"))
    assert data["runs"] == {"years": 5, "warm_up_years": 1, "replications": 40, "seed": 2}
    assert data["design"]["patients_per_year"] == data["patients_per_year"] == 40
    assert (data["unstable"], data["binding"]) == (False, "operator")
    figures = data["figures"]
    assert set(figures["slot_wait_p90"]) == {"mean", "low", "high", "p10", "p90", "replications"}
    ends = sum(figures[name]["mean"] for name in OUTCOMES)
    assert ends == pytest.approx(figures["patients"]["mean"], rel=1e-9)
    assert 0 < data["promise"]["low"] <= data["promise"]["patients_per_year"] <= data["promise"]["high"]
    assert data["promise"]["at"]["figures"]["share_within_20_days"]["mean"] >= 0.9
    assert run(capsys, "capacity", "founder", *few, "--wait-limit", "20", "--json")[1] == out
    code, out, _ = run(capsys, "capacity", "founder", *few, "--wait-limit", "20")
    assert code == 0
    assert f"promise              {data['promise']['patients_per_year']:.1f} patients a year" in out


def test_capacity_without_a_steady_state_names_what_binds(capsys: pytest.CaptureFixture[str]) -> None:
    fixed = ("--set", "sizing=fixed_plant", "--set", "demand.patients_per_year=70", "--replications", "20")
    code, out, _ = run(capsys, "capacity", "founder", *fixed)
    assert code == 0
    assert "suites cannot do what is asked" in out
    assert "P90" not in out
    data = json.loads(run(capsys, "capacity", "founder", *fixed, "--json")[1])
    assert (data["unstable"], data["binding"], data["figures"], data["settled"]) == (True, "suites", None, None)
    none = ("--set", "capacity.shutdown_weeks=26", "--wait-limit", "0", "--replications", "20")
    assert "promise              none" in run(capsys, "capacity", "academic", *none)[1]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("capacity", "founder", "--set", "tenure=cdmo"), "there is no plant to simulate"),
        (("capacity", "founder", "--years", "ten"), "--years: 'ten' is not a number"),
        (("capacity", "founder", "--years", "true"), "--years: 'true' is not a number"),
        (("capacity", "founder", "--replications", "2.5"), "--replications: '2.5' is not a whole number"),
        (("capacity", "founder", "--replications", "4"), "replications: 4 is not between 5 and 10,000"),
        (("capacity", "founder", "--wait-limit", "1e9"), "wait_limit: 1000000000.0 is not between"),
        (("capacity", "founder", "--years", "1000", "--replications", "10000"), "at most 100,000,000"),
        (("evaluate", "nobody"), "no such file"),
        (("evaluate", "founder", "--set", "bogus=1"), "bogus: unknown key"),
        (("evaluate", "founder", "--set", "platform"), "needs the form KEY=VALUE"),
        (("evaluate", "founder", "--set", "platform=robotic", "--set", "platform=robotic"), "is set twice"),
        (("evaluate", "founder", "--set", "demand.patients_per_year=NaN"), "is not a number"),
        (("evaluate", "founder", "--set", "demand.patients_per_year=1e999"), "is not a number"),
        (("evaluate", "founder", "--set", "plan.opening_cash=" + "[" * 100_000), "is not a number"),
        (("evaluate", "founder", "--set", 'demand.patients_per_year=5, "x": 6'), "is not a number"),
        (("evaluate", "founder", "--set", "demand.patients_per_year=[1]"), "is not a number"),
        (("evaluate", "founder", "--set", "demand.patients_per_year=null"), "is not a number"),
        (("evaluate", "founder", "--set", 'plan.phases.phase_1={"a":1}'), "no such part"),
        (("check", "founder", "--set", "plan.plant=rented"), "'rented' is not one of"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], why: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert why in err
    assert err.count("\n") == 1


def test_the_installed_command_runs_and_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text("{", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "dosecost.cli", "check", str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("dosecost: mine.json")
    assert "Traceback" not in done.stderr


def test_a_file_edited_by_hand_is_said_to_be(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    text = scenario.dump(scenario.load("founder"))
    path = tmp_path / "mine.json"
    path.write_text(text, encoding="utf-8")
    assert "edited" not in run(capsys, "check", str(path))[1]
    path.write_text(text.replace('"demand.patients_per_year": 40', '"demand.patients_per_year": 50'), encoding="utf-8")
    assert "mine.json: was edited since it was saved" in run(capsys, "check", str(path))[1]


def test_report_writes_pages_of_the_scenario(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    out, again, other = (tmp_path / name for name in ("a.pdf", "b.pdf", "c.pdf"))
    day = ("--date", "2026-11-24")
    assert run(capsys, "report", "founder", str(out), *day) == (0, f"{out}\n", "")
    assert run(capsys, "report", "founder", str(again), *day)[0] == 0
    assert out.read_bytes() == again.read_bytes()
    assert run(capsys, "report", "founder", str(other), *day, "--set", "platform=robotic")[0] == 0
    plain, compared = (pypdf.PdfReader(path) for path in (out, other))
    assert plain.metadata is not None
    assert plain.metadata.title == scenario.load("founder").name
    text = "".join(page.extract_text() for page in compared.pages)
    digest = scenario.with_change(scenario.load("founder"), "platform", "robotic", "test").digest
    assert f"Digest {digest}" in text
    assert "“As loaded”" in text
    assert run(capsys, "report", "founder", str(other), *day, "--base", "investor")[0] == 0
    assert "“Investor”" in "".join(page.extract_text() for page in pypdf.PdfReader(other).pages)


@pytest.mark.parametrize(
    ("more", "about"),
    [
        (("--date", "24.11.2026"), "--date"),
        (("--set", "platform=none"), "platform"),
        (("--base", "nothing"), "nothing"),
        ((), "cannot be written"),
    ],
)
def test_a_report_that_cannot_be_is_one_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, more: tuple[str, ...], about: str
) -> None:
    folder = tmp_path if more else tmp_path / "no such folder"
    code, out, err = run(capsys, "report", "founder", str(folder / "a.pdf"), *more)
    assert (code, out) == (2, "")
    assert about in err
    assert err.count("\n") == 1
    assert not (folder / "a.pdf").exists()


@pytest.mark.slow
def test_a_workbook_is_written_and_read_back_with_what_was_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "founder.xlsx"
    assert cli.main(["workbook", "founder", str(out), "--set", "platform=robotic", "--date", "2026-11-24"]) == 0
    assert capsys.readouterr().out.strip() == str(out)
    out.write_bytes(typed(out.read_bytes(), INPUTS, YOURS, {"people.attrition": 0.2}))
    assert cli.main(["evaluate", str(out), "--json"]) == 0
    printed = capsys.readouterr()
    assert "people.attrition default → 0.2" in printed.err
    wanted = with_changes(scenario.load("founder"), {"platform": "robotic", "people.attrition": 0.2}, "test")
    assert json.loads(printed.out)["scenario"]["digest"] == wanted.digest
    assert cli.main(["workbook", "founder", str(tmp_path / "no" / "where.xlsx")]) == cli.BAD_INPUT
    assert cli.main(["check", str(tmp_path / "absent.xlsx")]) == cli.BAD_INPUT
