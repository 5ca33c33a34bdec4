"""The workbook as a file of a day. What writes it is loaded with the first one."""

from datetime import UTC, date, datetime, time

from dosecost.scenario import Scenario
from dosecost_app import report, words

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx(scenario: Scenario, made: date | None = None) -> bytes:
    """The scenario as a workbook of live formulas, made on a day (today)."""
    from dosecost.workbook.sheets import workbook

    return workbook(scenario, datetime.combine(made or report.today(), time(), UTC))


def file_name(scenario: Scenario) -> str:
    """Name of a workbook's file: the scenario's name and digest."""
    return f"dosecost-{words.slug(scenario.name)}-{scenario.digest}.xlsx"
