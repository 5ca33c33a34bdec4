"""Takes the texts and numbers out of a workbook, in a process of its own with little memory and little time.

Reads the file on standard input and writes JSON: ``{"sheets": {name: rows}}`` of the sheets asked for on the command
line, or ``{"refused": why}``. Formulas stand as their text: nothing in a file from outside is computed or trusted.
"""

import io
import json
import sys
import zipfile
from collections.abc import Sequence
from typing import Any

MOST_BYTES = 2_000_000
MOST_ENTRIES = 200
MOST_RATIO = 100
MOST_INFLATED = 20_000_000
MOST_MEMORY = 512 * 2**20
MOST_ROWS, MOST_COLUMNS = 5_000, 16
OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0"
FORBIDDEN = ("vbaproject", "externallink", "activex", "embeddings", "oleobject", "connections.xml", "querytable")
CHUNK = 65_536
DATE = "\N{BULLET} a date or a time"
"""Stands for the number of a cell that is shown as a date or a time."""


class RefusedError(Exception):
    """Why a file is not read."""


def limit_memory() -> None:
    """Let this process have little memory, where the system can limit it."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))


def checked(book: bytes) -> bytes:
    """The file, if it is a small, plain workbook. Entries are inflated and counted: their headers may lie."""
    if len(book) > MOST_BYTES:
        raise RefusedError(f"is larger than {MOST_BYTES / 1e6:g} MB")
    if book.startswith(OLD_OR_ENCRYPTED):
        raise RefusedError("is encrypted, or of the old .xls kind; save it as .xlsx without a password")
    try:
        archive = zipfile.ZipFile(io.BytesIO(book))
    except zipfile.BadZipFile:
        raise RefusedError("is no .xlsx workbook") from None
    with archive:
        names = archive.namelist()
        if len(names) > MOST_ENTRIES or len(set(names)) != len(names):
            raise RefusedError(f"has more than {MOST_ENTRIES} parts, or one of them twice")
        if "xl/workbook.xml" not in names:
            raise RefusedError("is no .xlsx workbook")
        for name in names:
            if any(word in name.casefold() for word in FORBIDDEN):
                raise RefusedError(f"holds macros, links to other files or embedded objects ({name[:60]})")
        inflated = 0
        for entry in archive.infolist():
            of_this = 0
            with archive.open(entry) as part:
                while block := part.read(CHUNK):
                    of_this += len(block)
                    if inflated + of_this > MOST_INFLATED or of_this > MOST_RATIO * max(entry.compress_size, CHUNK):
                        raise RefusedError(f"inflates to more than a workbook of dosecost does ({entry.filename[:60]})")
            inflated += of_this
    return book


def sheets(book: bytes, wanted: Sequence[str]) -> dict[str, list[list[Any]]]:
    """Cells of the wanted sheets as texts and numbers, row by row."""
    sys.modules.setdefault("numpy", None)  # type: ignore[arg-type]  # openpyxl does without, and memory is short
    import openpyxl

    if not openpyxl.DEFUSEDXML:
        raise RefusedError("cannot be read safely here: defusedxml is missing")
    workbook = openpyxl.load_workbook(io.BytesIO(book), read_only=True, data_only=False, keep_links=False)
    found: dict[str, list[list[Any]]] = {}
    for name in wanted:
        if name not in workbook.sheetnames:
            raise RefusedError(f"has no sheet {name!r}")
        rows: list[list[Any]] = []
        for row in workbook[name].iter_rows(max_col=MOST_COLUMNS, values_only=True):
            if len(rows) >= MOST_ROWS:
                raise RefusedError(f"has more than {MOST_ROWS} rows on sheet {name!r}")
            rows.append([cell if isinstance(cell, (int, float, str)) or cell is None else DATE for cell in row])
        found[name] = rows
    return found


def main() -> None:
    """Read, check, and answer."""
    limit_memory()
    try:
        book = checked(sys.stdin.buffer.read(MOST_BYTES + 1))
        answer: dict[str, Any] = {"sheets": sheets(book, sys.argv[1:])}
    except RefusedError as why:
        answer = {"refused": str(why)}
    except MemoryError:
        answer = {"refused": "needs more memory than a workbook of dosecost does"}
    except Exception as error:  # noqa: BLE001 (whatever a hostile file does to the reader, the answer is one line)
        answer = {"refused": f"cannot be read ({type(error).__name__})"}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
