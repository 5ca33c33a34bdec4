"""How cells look: one font, headings, the cells that may be changed, and numbers by their size."""

from typing import Any

from xlsxwriter import Workbook

FORMS = ((100.0, "#,##0"), (10.0, "0.0"), (1.0, "0.00"), (0.001, "0.0000"), (0.0, "0.00E+00"))
"""Number format by the size that a value has at export; the value itself is never rounded."""
WHOLE = "#,##0"
SHARE = "0.0%"
MILLIONS = '#,##0,,"\N{NO-BREAK SPACE}M"'
TEAL, PALE, YELLOW, QUIET = "#0B6E6E", "#E6EEEE", "#FFF2CC", "#5A6B6B"


class Styles:
    """The formats of one workbook, each made once."""

    def __init__(self, book: Workbook) -> None:
        self._book, self._made = book, dict[tuple[str, bool], Any]()
        self._base = {"font_name": "Arial", "font_size": 10, "valign": "top"}
        self.text = self._add({"text_wrap": True})
        self.plain = self._add({})
        self.title = self._add({"bold": True, "font_size": 14})
        self.head = self._add({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": PALE})
        self.strong = self._add({"bold": True})
        self.quiet = self._add({"font_color": QUIET, "text_wrap": True})
        self.yours = self._add({"num_format": "General", "bg_color": YELLOW, "border": 1, "locked": False})

    def number(self, value: Any, bold: bool = False, form: str = "") -> Any:
        """The format of a number by its size, or of a kind; texts stand to the right like numbers."""
        return self._number(form or form_of(value), bold)

    def _number(self, form: str, bold: bool) -> Any:
        if (form, bold) not in self._made:
            self._made[form, bold] = self._add({"num_format": form, "align": "right", "bold": bold})
        return self._made[form, bold]

    def _add(self, more: dict[str, Any]) -> Any:
        return self._book.add_format(self._base | more)


def form_of(value: Any) -> str:
    """Enough digits for three that matter."""
    if not isinstance(value, (int, float)) or float(value).is_integer():
        return WHOLE
    return next(form for least, form in FORMS if abs(value) >= least)
