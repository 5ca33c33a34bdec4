"""A platform file dropped into ``data/platforms`` is everywhere, with no change of a program."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.app.running import ROOT

LOOK = """
import json, sys
from dosecost import scenario
from dosecost.analysis.reach import inputs_used
from dosecost.cli import main
from dosecost.evaluation import evaluate
from dosecost_app import charts
from tests.app.running import PAGES, opened
from streamlit.runtime.pages_manager import PagesManager

PagesManager.uses_pages_directory = False
s = scenario.with_change(scenario.load("founder"), "platform", "rotary", "test")
seen = {"cost": evaluate(s).cost.per_patient_infused, "options": scenario.options("platform"), "pages": {}}
seen["used"] = len(inputs_used(s))
for page in PAGES:
    at = opened(s, page)
    seen["pages"][page] = [str(error.value) for error in at.exception]
    picked = [box for box in at.selectbox if box.label == "Manufacturing platform"]
    seen["labels"] = picked[0].options
volume = opened(s, "dose_cost", dose_cost_tabs="Volume")
seen["finding"] = " ".join(m.value for m in volume.markdown)
seen["colours"] = len(set(charts.PLATFORM.values()))
print(json.dumps(seen))
"""


@pytest.mark.slow
def test_a_new_platform_file_appears_everywhere(tmp_path: Path) -> None:
    for part in ("src", "data", "pages", ".streamlit", "app.py"):
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, tmp_path / part)
    (tmp_path / "tests" / "app").mkdir(parents=True)
    for package in ("tests", "tests/app"):
        (tmp_path / package / "__init__.py").touch()
    shutil.copy(ROOT / "tests" / "app" / "running.py", tmp_path / "tests" / "app")
    known = (ROOT / "data" / "platforms" / "3_integrated_closed.toml").read_text(encoding="utf-8")
    new = known.replace('id = "integrated_closed"', 'id = "rotary"').replace(
        'label = "Integrated, closed"', 'label = "Rotary"'
    )
    (tmp_path / "data" / "platforms" / "5_rotary.toml").write_text(new, encoding="utf-8")
    found = subprocess.run(
        [sys.executable, "-c", LOOK],
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path / 'src'}:{tmp_path}", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == 0, found.stderr[-2000:]
    seen = json.loads(found.stdout.splitlines()[-1])
    assert seen["cost"] > 0
    assert seen["used"] > 100
    assert "rotary" in seen["options"]
    assert "Rotary" in seen["labels"]
    assert {page: errors for page, errors in seen["pages"].items() if errors} == {}
    assert "Rotary" in seen["finding"]
    assert seen["colours"] == 5
