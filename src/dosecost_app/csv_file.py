"""Tables as CSV files: numbers in full precision, and text that no spreadsheet takes for a formula."""

import csv
import io
import unicodedata
from collections.abc import Callable

import pandas as pd

FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
CONTROL_STARTS = ("\t", "\r", "\n", "\0")
BYTE_ORDER = "utf-8-sig"


def csv_file(frame: pd.DataFrame) -> bytes:
    """A table as a file, its columns' names first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([safe_cell(str(column)) for column in frame.columns])
    cells = frame.astype(object).where(frame.notna(), "")
    writer.writerows([safe_cell(cell) for cell in row] for row in cells.itertuples(index=False, name=None))
    return out.getvalue().encode(BYTE_ORDER)


def csv_of(make: Callable[[], pd.DataFrame]) -> bytes:
    """A table that is made when its file is asked for."""
    return csv_file(make())


def safe_cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula: text that begins like one gets an apostrophe before it."""
    if isinstance(value, str) and (value.startswith(CONTROL_STARTS) or _bare(value).startswith(FORMULA_STARTS)):
        return f"'{value}"
    return value


def _bare(text: str) -> str:
    """Text from its first character that is neither blank nor unseen."""
    start = next((i for i, sign in enumerate(text) if not _blank(sign)), len(text))
    return text[start:]


def _blank(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign) in ("Cc", "Cf")
