"""T-023, I-70, S-35: the report says what the pages say, as text of the user's never runs, and the same again."""

import io
import re
from datetime import date
from functools import cache

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from dosecost import feasibility, scenario
from dosecost.analysis import evidence
from dosecost.errors import InputError
from dosecost.evaluation import Evaluation, evaluate, rows_in_use
from dosecost.scenario import Scenario, load, with_changes
from dosecost_app import comparison_views, evidence_views, report, report_content, views, words
from dosecost_app.comparison_views import Side
from dosecost_app.fields import fields_of, values_of
from dosecost_app.report_content import AS_LOADED, PRESENT, Base
from tests.app.running import opened

DAY = date(2026, 11, 24)
DECISIONS = [
    {"id": "to", "name": "Closed", "kind": "switch_platform", "month": 44, "platform": "semi_auto"},
    {"id": "test", "name": "Rapid test", "kind": "adopt_sterility", "month": 44, "sterility": "pcr"},
    {"id": "hire", "name": "Two more", "kind": "hire", "month": 50, "role": "operator", "heads": 2},
]
CHANGES: dict[str, dict[str, object]] = {
    "as shipped": {},
    "other platform": {"platform": "robotic", "demand.patients_per_year": 90.0, "steps.selection": "closed"},
    "contract": {"tenure": "cdmo", "boundary": "quality_and_release", "heads": "fractional"},
    "broke": {"plan.opening_cash": 0.0, "plan.horizon_months": 12.0, "apheresis": "fresh", "lane": "international"},
    "decided": {"plan.decisions": DECISIONS, "people.burden": 0.4},
}
CASES = [(name, change) for name in scenario.shipped() for change in CHANGES]
PAYLOADS = (
    '#panic("x") $ x^2 $ *bold* _it_ `raw` <label> @ref',
    '#image("/etc/passwd") #read("report.typ")',
    "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "[a link](https://x.example) ![i](https://x.example/i.png) **b**",
    r"\input{/etc/passwd} \textbf{b} \write18{id} $$x$$",
    "{{7*7}} ${7*7} %s %(name)s {0}",
    "=HYPERLINK(1) 'quote' \"double\" \\ // /* */",
)
ACTIVE = {"/JS", "/JavaScript", "/OpenAction", "/AA", "/Launch", "/URI", "/EmbeddedFiles", "/AcroForm", "/RichMedia"}


def changed(name: str, change: str) -> Scenario:
    return with_changes(load(name), CHANGES[change], "test")


@cache
def made(name: str, change: str) -> bytes:
    base = Base(AS_LOADED, load(name))
    return report.pdf(changed(name, change), base, DAY)


def squeezed(text: str) -> str:
    """Text without what differs between a line and its broken form."""
    return re.sub(r"[\s\u200b]", "", text)


def pages(document: bytes) -> list[str]:
    return [squeezed(page.extract_text()) for page in PdfReader(io.BytesIO(document)).pages]


def missing(document: bytes, wanted: list[str]) -> list[str]:
    text = "".join(pages(document))
    return [said for said in wanted if squeezed(report.literal(said)) not in text]


def of_the_pages(e: Evaluation) -> list[str]:
    """What the pages of the app show of a scenario and the report has to show too."""
    figures = [*views.cost_figures(e, e), *views.cash_figures(e, e)]
    bars = [f"{words.money(row.amount, '').strip()}" for row in views.category_rows(e) if row.amount]
    weights = evidence.input_weights(e.scenario)
    heavy = evidence_views.weights(rows_in_use(e.scenario), weights, e.scenario.inputs)
    fields = fields_of(e.scenario, values_of(e.scenario))
    by_grade = evidence.shares_by_grade(e.scenario, weights)
    rests_on = [
        f"{w.row.label}{words.percent(w.share)}{words.exact(views.three(fields[w.row.name].value))}"
        for w in heavy[: report_content.MOST_INPUTS]
    ]
    phases = views.milestones(e)
    missing_money = next(column for column in phases.columns if column.startswith("Missing"))
    return [
        views.cost_answer(e),
        views.runway_answer(e),
        *(figure.label + figure.value + figure.note for figure in figures),
        views.counted(e.scenario.choices.boundary),
        views.categories(e).finding,
        *bars,
        views.balance(e).finding,
        views.conventions(e),
        views.milestones_finding(e),
        *(
            f"{row['First month']}{row['Last month']}{words.exact(row[missing_money])}{row['Reached']}"
            for _, row in phases.iterrows()
        ),
        *(name for row in views.decisions(e).to_numpy() for name in row[1:3]),
        evidence_views.coverage_finding(by_grade),
        evidence_views.line(by_grade),
        *rests_on,
        *(finding.text for finding in feasibility.check(e)),
        *(heading for heading, _ in evidence_views.LIMITS),
    ]


@pytest.mark.parametrize(("name", "change"), CASES)
def test_I_70_the_report_says_what_the_pages_say(name: str, change: str) -> None:
    assert missing(made(name, change), of_the_pages(evaluate(changed(name, change)))) == []


@pytest.mark.parametrize(("name", "change"), CASES)
def test_every_page_says_of_what_and_when_it_is(name: str, change: str) -> None:
    s = changed(name, change)
    found = pages(made(name, change))
    assert 2 <= len(found) <= 4
    marks = (s.name, s.digest, scenario.DATA_VERSION, f"{s.currency} of {s.price_year}", "made 24 November 2026")
    for i, text in enumerate(found, start=1):
        assert all(squeezed(mark) in text for mark in marks)
        assert f"Page{i}of{len(found)}" in text


@pytest.mark.parametrize(("name", "change"), [case for case in CASES if CHANGES[case[1]]])
def test_the_bridge_to_the_base_adds_up_and_is_that_of_the_page(name: str, change: str) -> None:
    base, other = Side(AS_LOADED, evaluate(load(name))), Side(PRESENT, evaluate(changed(name, change)))
    bars = report_content.bridge(base.e.scenario, other.e.scenario)
    steps = comparison_views.bridge_steps(base, other, bars)
    first, *moves, last = steps
    assert first.end + sum(step.end - step.start for step in moves) == last.end
    assert last.end == round(other.e.cost.per_patient_infused)
    shown = [f"{first.end:,d}", *(f"{m.end - m.start:+,d}".replace("-", "−") for m in moves), f"{last.end:,d}"]
    table = comparison_views.headline([base, other])
    drawn = shown if comparison_views.bridge_parts(bars) else []
    rows = ["".join(row) for row in table.itertuples(index=False, name=None)]
    wanted = [*drawn, *rows, comparison_views.bridge_finding(base, other, bars)]
    assert missing(made(name, change), [comparison_views.answer([base, other], [bars]), *wanted]) == []


def test_without_a_base_or_with_the_same_nothing_is_compared() -> None:
    alone = report.pdf(load("founder"), None, DAY)
    assert report.pdf(load("founder"), Base(AS_LOADED, load("founder")), DAY) == alone
    assert squeezed("Against the base") not in "".join(pages(alone))
    assert squeezed("Against the base") in "".join(pages(made("founder", "decided")))


def test_a_base_in_other_money_is_shown_and_not_subtracted() -> None:
    document = report.pdf(load("founder"), Base("Academic unit", load("academic")), DAY)
    assert missing(document, ["amounts are shown and not subtracted", "“Academic unit” is in EUR of 2026"]) == []


@pytest.mark.parametrize("name", scenario.shipped())
def test_the_same_scenario_on_the_same_day_gives_the_same_bytes(name: str) -> None:
    assert report.pdf(load(name), None, DAY) == report.pdf(load(name), None, DAY)
    assert report.pdf(load(name), None, DAY) != report.pdf(load(name), None, date(2026, 11, 25))


@pytest.mark.parametrize("name", scenario.shipped())
def test_a_report_is_tagged_titled_and_meets_the_standard_of_accessible_files(name: str) -> None:
    root = PdfReader(io.BytesIO(made(name, "as shipped"))).trailer["/Root"]
    assert root["/Lang"] == "en-GB"
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert PdfReader(io.BytesIO(made(name, "as shipped"))).metadata.title == load(name).name
    document = report.document(changed(name, "decided"), Base(AS_LOADED, load(name)), DAY)
    assert report.drawn(document, DAY, ["ua-1"]).startswith(b"%PDF")


def names_in(document: bytes) -> set[str]:
    """All keys and names of a PDF."""
    reader, found = PdfReader(io.BytesIO(document)), set()

    def walk(part: object) -> None:
        if isinstance(part, DictionaryObject):
            for key, value in part.items():
                found.add(str(key))
                found.add(str(value))
                walk(value)
        elif isinstance(part, ArrayObject):
            for value in part:
                walk(value)

    for number in range(1, int(reader.trailer["/Size"])):
        walk(reader.get_object(IndirectObject(number, 0, reader)))
    return found


def test_charts_are_vectors_and_every_font_is_its_own() -> None:
    found = names_in(made("founder", "decided"))
    assert "/Image" not in found
    assert "/FontFile3" in found
    fonts = {name.split("+")[-1] for name in found if re.match(r"/[A-Z]{6}\+", name)}
    assert {re.sub(r"-Identity.*", "", font) for font in fonts} == {"SourceSansPro-Regular", "SourceSansPro-Semibold"}


def with_texts(text: str) -> Scenario:
    """A scenario that says the same text wherever a user can say anything."""
    quote = {"value": 0.4, "low": 0.3, "high": 0.5, "source": text, "date": "2026-01-02"}
    named = {f"plan.phases.{phase}.name": text[:80] for phase in ("pre_ind", "phase_1")}
    decisions = {"plan.decisions": [DECISIONS[2] | {"name": text[:80]}]}
    more = {"name": text[:80], "description": text, "plan.receipts.state_grant.name": text[:80]}
    return with_changes(load("founder"), {"quotes.people.burden": quote} | named | decisions | more, "test")


@pytest.mark.parametrize("text", PAYLOADS)
def test_S_35_text_of_the_user_is_only_text(text: str) -> None:
    s = with_texts(text)
    document = report.pdf(s, Base(text, load("founder")), DAY)
    assert missing(document, [s.name, s.description, s.quotes["people.burden"].source]) == []
    assert not ACTIVE & names_in(document)
    assert "/Image" not in names_in(document)


def test_S_35_text_cannot_turn_the_direction_of_its_surroundings() -> None:
    hidden = "a\N{RIGHT-TO-LEFT OVERRIDE}b\N{ZERO WIDTH SPACE}c\N{RIGHT-TO-LEFT ISOLATE}d\N{SOFT HYPHEN}e\tf\ng"
    assert report.literal(hidden) == "abcde f g"
    assert report.literal("USD 1.00 M of 33 months") == "USD\xa01.00\xa0M of 33\xa0months"
    document = report.pdf(with_texts(hidden + " שלום مرحبا 漢字 🧬 Ωβ"), None, DAY)
    assert missing(document, ["abcde f g", "Ωβ"]) == []


def test_a_long_word_breaks_inside_and_stays_on_the_page() -> None:
    s = with_texts("W" * 80)
    document = report.pdf(s, None, DAY)
    assert 2 <= len(pages(document)) <= 4
    assert missing(document, [s.name]) == []
    for page in PdfReader(io.BytesIO(document)).pages:
        right = float(page.mediabox.right)
        starts: list[float] = []

        def note(text: str, cm: list[float], tm: list[float], *_: object, starts: list[float] = starts) -> None:
            starts.extend([tm[4] * cm[0] + tm[5] * cm[2] + cm[4]] if text.strip() else [])

        page.extract_text(visitor_text=note)
        assert max(starts) < right - 52


def test_the_files_name_has_the_scenarios_name_and_digest() -> None:
    hostile = with_changes(load("founder"), {"name": "../../Ärger <b>: ; rm -rf *"}, "test")
    assert report.file_name(hostile) == f"dosecost-rger-b-rm-rf-{hostile.digest}.pdf"
    assert report.file_name(with_changes(load("founder"), {"name": "漢字"}, "test")).startswith("dosecost-scenario-")


@pytest.mark.parametrize("text", ["", "today", "2026-13-01", "24.11.2026"])
def test_a_day_is_a_date(text: str) -> None:
    with pytest.raises(InputError, match="is not a date"):
        report.day(text, "test", "--date")


@pytest.mark.parametrize("change", ["as shipped", "decided"])
def test_the_report_is_offered_beside_the_scenarios_file(change: str) -> None:
    s = changed("founder", change)
    assert "Download report (PDF)" not in labels(opened(s))
    assert "Download report (PDF)" in labels(opened(s, files=True))


def labels(at: object) -> list[str]:
    assert not at.exception
    return [button.proto.label for button in at.get("download_button")]
