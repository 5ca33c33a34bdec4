"""How a page prints: the question, its answer, figures, charts and tables; no levers and no navigation."""

import streamlit as st

STYLE = """<style>
@media print {
  [data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stElementToolbar"] {
    display: none !important;
  }
  [data-testid="stMain"], [data-testid="stAppViewContainer"], [data-testid="stApp"] {
    position: static !important; height: auto !important; overflow: visible !important;
  }
  [data-testid="stMainBlockContainer"] { padding: 0 !important; max-width: none !important; }
  [data-testid="stVegaLiteChart"], [data-testid="stMetric"], h1, h2, h3 { break-inside: avoid; }
  h1, h2, h3 { break-after: avoid; }
}
</style>"""


def style() -> None:
    """Once on every page; a style alone takes no room."""
    st.html(STYLE)
