"""What holds for all tests of the app."""

from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager


@pytest.fixture(autouse=True)
def _as_after_the_first_visit(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest starts every run as a fresh server, which runs the files of a folder called ``pages`` without
    ``app.py`` until ``st.navigation`` was called once. Here that folder means nothing from the start."""
    begin = PagesManager.__init__

    def without_folder(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        monkeypatch.setattr(PagesManager, "uses_pages_directory", False)
        begin(self, *args, **kwargs)

    monkeypatch.setattr(PagesManager, "__init__", without_folder)
