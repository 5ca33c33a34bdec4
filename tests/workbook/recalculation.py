"""Another program recalculates a workbook: cached values poisoned first, recalculation forced, values read back."""

import io
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import openpyxl

POISON = "-12345"
OFFICE = "soffice"
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item>
</oor:items>
"""
"""Recalculate always; by default a loaded file keeps the values that it came with, and any test would pass."""
FORMULA_CELL = re.compile(r'<c r="([A-Z]+\d+)"([^>]*?)(?: t="\w+")?([^>]*)><f([^>]*)>(.*?)</f><v>.*?</v></c>')


def poisoned(book: bytes) -> bytes:
    """The workbook with a wrong number cached in every formula."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text = FORMULA_CELL.sub(rf'<c r="\1"\2\3><f\4>\5</f><v>{POISON}</v></c>', text.decode()).encode()
            new.writestr(name, text)
    return out.getvalue()


def recalculated(books: dict[str, bytes], folder: Path, force: bool = True) -> dict[str, Any]:
    """Each workbook as LibreOffice has it after loading, opened for reading values."""
    shutil.rmtree(folder, ignore_errors=True)
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    if force:
        (profile / "user" / "registrymodifications.xcu").write_text(PROFILE)
    files = []
    for name, book in books.items():
        files.append(folder / f"{name}.xlsx")
        files[-1].write_bytes(book)
    out = folder / "out"
    command = [OFFICE, f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "xlsx", "--outdir", out]
    subprocess.run([*map(str, command), *map(str, files)], check=True, capture_output=True, timeout=300)
    return {name: openpyxl.load_workbook(out / f"{name}.xlsx", data_only=True, read_only=True) for name in books}


def typed(book: bytes, sheet: str, column: int, values: dict[str, float]) -> bytes:
    """The workbook with numbers typed into cells of a column, found by the name in the first one."""
    parts = {
        name: zipfile.ZipFile(io.BytesIO(book)).read(name) for name in zipfile.ZipFile(io.BytesIO(book)).namelist()
    }
    strings = re.findall(r"<si><t[^>]*>(.*?)</t></si>", parts["xl/sharedStrings.xml"].decode(), re.DOTALL)
    names = re.findall(r'<sheet name="([^"]+)" sheetId="(\d+)"', parts["xl/workbook.xml"].decode())
    part = f"xl/worksheets/sheet{dict(names)[sheet]}.xml"
    text = parts[part].decode()
    letter = chr(ord("A") + column)
    rows = {strings[int(at)]: row for row, at in re.findall(r'<c r="A(\d+)"[^>]*t="s"><v>(\d+)</v>', text)}
    for name, value in values.items():
        cell = re.compile(rf'<c r="{letter}{rows[name]}"( s="\d+")?(?:/>|><v>[^<]*</v></c>)')
        text, count = cell.subn(rf'<c r="{letter}{rows[name]}"\1><v>{value!r}</v></c>', text)
        assert count == 1, name
    parts[part] = text.encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()
