"""The report: two to four A4 pages of one scenario as PDF, with charts as vectors and tags for readers of screens.

The two libraries that draw it are loaded with the first report. All text reaches them as data, never as markup; no
font of the machine and no network is used; one scenario on one day always gives the same bytes.
"""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

from dosecost.errors import InputError
from dosecost.scenario import DATA_VERSION, Scenario
from dosecost_app import charts, report_content, words
from dosecost_app.report_content import Base, Block, Drawn

TEMPLATE = Path(__file__).with_name("report.typ")
FONT, FONTS = "Source Sans Pro", Path(__file__).with_name("fonts")
VEGA_LITE = "6.4"
WIDTH = 640
"""Width of a chart in pixels; it fills the page between the margins."""
INK, QUIET, LINE = charts.INK[0], charts.QUIET[0], "#dfe5e8"
PRINT: dict[str, Any] = {
    "font": FONT,
    "background": charts.GROUND[0],
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": 600,
        "gridColor": LINE,
        "domainColor": QUIET,
        "tickColor": QUIET,
    },
    "legend": {"labelFontSize": 12},
}
"""How a chart looks on paper; colours of the light page."""
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
"""Characters that turn the direction of text or show nothing."""
LONG_RUN = re.compile(r"\S{22,}")
BREAK_AFTER = 7
"""Letters of a long run after which a line may break."""


def pdf(scenario: Scenario, base: Base | None = None, made: date | None = None) -> bytes:
    """The report of a scenario, against a base where there is one, made today or on the day ``made``."""
    on = made or today()
    return drawn(document(scenario, base, on), on)


def document(scenario: Scenario, base: Base | None, made: date) -> dict[str, Any]:
    """All that the template reads."""
    return {
        "title": literal(scenario.name),
        "digest": scenario.digest,
        "data": DATA_VERSION,
        "money": f"{scenario.currency} of {scenario.price_year}",
        "made": f"{made.day} {MONTHS[made.month - 1]} {made.year}",
        "date": [made.year, made.month, made.day],
        "font": FONT,
        "blocks": [as_data(block) for block in report_content.blocks(scenario, base)],
    }


def drawn(document: Mapping[str, Any], made: date, standards: Sequence[Any] = ()) -> bytes:
    """The document as PDF, checked against ``standards`` such as ``ua-1``."""
    import typst

    compiler = typst.Compiler(
        TEMPLATE.read_bytes(),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(document)},
    )
    midnight = datetime.combine(made, time(), UTC)
    return bytes(compiler.compile(format="pdf", timestamp=midnight, pdf_standards=list(standards)))


def as_data(block: Block) -> dict[str, Any]:
    """A block as the template reads it: all text literal, a chart as SVG."""
    if isinstance(block, Drawn):
        return {"kind": block.kind, "svg": svg(block), "finding": literal(block.finding)}
    return {name: _literal(part) for name, part in block._asdict().items()}


def svg(block: Drawn) -> str:
    """A chart drawn for paper."""
    import vl_convert

    _register_fonts()
    rows = block.chart.frame.to_json(orient="records", double_precision=15)
    rows = [{name: _literal(value) for name, value in row.items()} for row in json.loads(rows)]
    size = {"width": WIDTH, "height": block.height, "autosize": {"type": "fit", "contains": "padding"}}
    made: str = vl_convert.vegalite_to_svg(
        block.chart.spec | size | {"data": {"values": rows}}, VEGA_LITE, config=PRINT, allowed_base_urls=[]
    )
    return made


def literal(text: str) -> str:
    """Text in one line, without what is not seen, that may break inside a long run of letters."""
    seen = UNSEEN.sub("", text)
    plain = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") else sign for sign in seen)
    unbroken = " ".join(plain.split())
    return LONG_RUN.sub(_breakable, charts.BREAK_IN_FIGURE.sub("\N{NO-BREAK SPACE}", unbroken))


def file_name(scenario: Scenario) -> str:
    """Name of a report's file: the scenario's name and digest."""
    return f"dosecost-{words.slug(scenario.name)}-{scenario.digest}.pdf"


def today() -> date:
    """The day it is here."""
    return datetime.now().astimezone().date()


def day(text: str, where: str, what: str) -> date:
    """The day that ``text`` names: ``2026-11-24``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(where, what, f"{text[:20]!r} is not a date such as 2026-11-24") from None


@cache
def _register_fonts() -> None:
    import vl_convert

    vl_convert.register_font_directory(str(FONTS))


def _literal(part: Any) -> Any:
    """A part of a block with all its texts literal."""
    if isinstance(part, str):
        return literal(part)
    if isinstance(part, Mapping):
        return {name: _literal(value) for name, value in part.items()}
    return [_literal(value) for value in part] if isinstance(part, list | tuple) else part


def _breakable(run: re.Match[str]) -> str:
    letters = run[0]
    parts = [letters[i : i + BREAK_AFTER] for i in range(0, len(letters), BREAK_AFTER)]
    return "\N{ZERO WIDTH SPACE}".join(parts)
