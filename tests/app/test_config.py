"""T-040: the protective settings in force are exactly these (trust plan S-01 to S-14, S-32, S-33).

They are read through Streamlit's own parser in a fresh process, so an option it does not know, or that a
later version renames, shows up here and not in production.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

EXPECTED: dict[str, Any] = {
    # Reachable from this machine only, under its own names.
    "server.address": "127.0.0.1",
    "server.allowedHosts": ["localhost", "127.0.0.1", "::1"],
    "server.enableCORS": True,
    "server.corsAllowedOrigins": [],
    "server.enableXsrfProtection": True,
    "server.xsrfCookieSameSite": "lax",
    "client.allowedOrigins": [],
    # Bounded input.
    "server.maxUploadSize": 2,
    "server.maxMessageSize": 20,
    "server.maxWidgetStateSize": 2,
    # Nothing served or sent beyond the app.
    "server.enableStaticServing": False,
    "server.enableAgentApi": False,
    "server.trustedUserHeaders": {},
    "server.unsafeMetricsUserAttributes": [],
    "browser.gatherUsageStats": False,
    "server.showEmailPrompt": False,
    # Nothing told to a stranger.
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "viewer",
    "client.disableDataExport": True,
    # Nothing executed by accident.
    "server.fileWatcherType": "none",
    "runner.magicEnabled": False,
    "runner.postScriptGC": False,
    "global.developmentMode": False,
}

READ_SETTINGS = """
import json, sys
from streamlit import config
config.get_config_options(force_reparse=True)
names = json.loads(sys.argv[1])
print(json.dumps({name: config.get_option(name) for name in names}))
"""


@pytest.fixture(scope="module")
def in_force() -> subprocess.CompletedProcess[str]:
    """What Streamlit reads from the repository's folder, without the caller's own settings."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")}
    return subprocess.run(
        [sys.executable, "-c", READ_SETTINGS, json.dumps(list(EXPECTED))],
        cwd=ROOT,
        env=env | {"HOME": str(ROOT / "build")},  # no ~/.streamlit/config.toml
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_setting_in_force(in_force: subprocess.CompletedProcess[str], name: str) -> None:
    assert json.loads(in_force.stdout)[name] == EXPECTED[name]


def test_streamlit_knows_every_option_we_set(in_force: subprocess.CompletedProcess[str]) -> None:
    assert "not a valid config option" not in in_force.stderr
    assert in_force.stderr == ""


def test_no_secret_is_kept_in_the_repository() -> None:
    text = (ROOT / ".streamlit" / "config.toml").read_text()
    assert "cookieSecret =" not in text
    assert not (ROOT / ".streamlit" / "secrets.toml").exists()
