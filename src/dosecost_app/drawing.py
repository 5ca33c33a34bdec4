"""Figures, charts and tables on the page: the only place where a chart of ours meets Streamlit."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import pandas as pd
import streamlit as st

from dosecost.scenario import Scenario
from dosecost_app import ask, charts, state, words
from dosecost_app.charts import Chart, Names, Why
from dosecost_app.csv_file import csv_of

SENTENCE_HEIGHT = 126
"""Height in pixels of a row whose cells hold sentences: six lines."""
SENTENCE_WIDTHS = {40: 130, 170: 230, 10_000: 380}
"""Width in pixels of a column by the most characters in it, so that six lines hold them."""
LONG = 24
"""Rows from which a table scrolls."""
LONG_TABLE = 600
"""Height of a table that scrolls, in pixels."""
FIGURE_WIDTH = 250
"""Least width of a metric in pixels, so that its value is never cut."""
FIGURE_GAP = 16
"""Pixels between two metrics."""


Make = Callable[[], pd.DataFrame]
"""Makes the rows of a file when it is asked for."""


def draw(
    title: str,
    chart: Chart,
    table: pd.DataFrame,
    finding: str,
    key: str,
    why: Why | None = None,
    rows: Names = (),
    among: Mapping[str, Scenario] | None = None,
) -> None:
    """A heading, the finding in one sentence, and the chart or the same numbers as a table; ``why`` offers figures to
    explain, ``rows`` those that the rows of the table stand for, ``among`` are the scenarios side by side."""
    st.subheader(title, anchor=False)
    st.markdown(charts.prose(finding))
    with st.container(horizontal=True, vertical_alignment="center"):
        as_table = st.toggle(f"Show as table: {title.lower()}", key=f"{key}_as_table")
        ask.menu(why or {}, key, among=among)
    if as_table:
        draw_rows(title, table, finding, key, rows=rows)
    else:
        st.vega_lite_chart(chart.frame, chart.spec, key=f"{key}_chart", alt=finding)


def draw_table(
    title: str,
    table: pd.DataFrame,
    finding: str,
    key: str,
    full: Make | None = None,
    why: Why | None = None,
    rows: Names = (),
    among: Mapping[str, Scenario] | None = None,
) -> None:
    """A heading, the finding, and a table where there are rows; ``full`` makes its rows in full precision; ``why``,
    ``rows`` and ``among`` as for a chart."""
    st.subheader(title, anchor=False)
    st.markdown(charts.prose(finding))
    if len(table):
        ask.menu(why or {}, key, among=among)
        draw_rows(title, table, finding, key, full, rows)


def draw_rows(
    title: str, table: pd.DataFrame, finding: str, key: str, full: Make | None = None, rows: Names = ()
) -> None:
    """A table with thousands separators, to take along as CSV; a long one scrolls. A row that is marked is explained,
    where ``rows`` names its figure."""
    numbers = table.select_dtypes("number").columns
    if rows:
        st.caption("Mark a row at the left to see why.")
    st.dataframe(
        table,
        hide_index=True,
        column_config={column: st.column_config.NumberColumn(format="localized") for column in numbers},
        height=LONG_TABLE if len(table) > LONG else "content",
        key=f"{key}_table",
        alt=finding,
        **(ask.by_row(rows, f"{key}_table") if rows else {}),
    )
    offer_file(title, key, full or partial(pd.DataFrame, table))


def draw_sentences(title: str, table: pd.DataFrame, finding: str, key: str) -> None:
    """A heading, the finding, and a table of whole sentences that wrap in their cells."""
    st.subheader(title, anchor=False)
    st.markdown(charts.prose(finding))
    config: dict[str, Any] = {}
    for column in table.columns:
        most = int(table[column].map(len).max())
        width = next(width for characters, width in SENTENCE_WIDTHS.items() if most <= characters)
        config[column] = st.column_config.TextColumn(width=width)
    st.dataframe(
        table,
        hide_index=True,
        column_config=config,
        row_height=SENTENCE_HEIGHT,
        height="content",
        key=f"{key}_table",
        alt=finding,
    )
    offer_file(title, key, partial(pd.DataFrame, table))


def offer_file(title: str, key: str, make: Make) -> None:
    """A table to take along as CSV; its file's name carries the table's and the scenario's digest."""
    st.download_button(
        f"Download as CSV: {title.lower()}",
        partial(csv_of, make),
        file_name=f"dosecost-{words.slug(key)}-{state.current().digest}.csv",
        mime="text/csv",
        key=f"{key}_csv",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


class Shown(Protocol):
    """What a metric shows: value, change against the scenario as loaded, and what it leaves out."""

    label: str
    value: str
    delta: str
    more_is_better: bool
    note: str
    why: str


def draw_figures(figures: Sequence[Shown]) -> None:
    """Metrics in one row, in rows of two, or each in its own, with its change and what it leaves out, and below them
    one button that explains any of them."""
    pairs = st.grid(min_column_width=2 * FIGURE_WIDTH + FIGURE_GAP, key="figures")
    for i, figure in enumerate(figures):
        if i % 2 == 0:
            with pairs:
                pair = st.grid(min_column_width=FIGURE_WIDTH)
        falls = figure.delta.startswith("−")
        with pair, st.container(gap=None):
            st.metric(
                figure.label,
                figure.value,
                figure.delta or None,
                delta_color="green" if falls != figure.more_is_better else "red",
                delta_arrow="down" if falls else "up",
                delta_description="since loading" if figure.delta else None,
            )
            st.caption(charts.prose(figure.note))
    ask.menu({figure.label: figure.why for figure in figures if figure.why}, "figures", "Why these figures?")
