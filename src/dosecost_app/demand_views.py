"""Patients of the plan year by year. Pure: results in, rows and sentences out; nothing here draws."""

from typing import NamedTuple

import pandas as pd

from dosecost.cash import Month
from dosecost.evaluation import Evaluation
from dosecost.finance import MONTHS_PER_YEAR
from dosecost_app import demand_charts, words
from dosecost_app.demand_charts import Year
from dosecost_app.views import View, three

LENGTH = int(MONTHS_PER_YEAR)
NOBODY = 1e-9


class Full(NamedTuple):
    """The first month in which patients are turned away, and how many a year then."""

    month: int
    refused: float


def years(e: Evaluation) -> list[Year]:
    """Patients of each year of the plan; the last one may be shorter."""
    months = e.cash.months
    return [_year(months[first : first + LENGTH], first // LENGTH + 1) for first in range(0, len(months), LENGTH)]


def _year(months: list[Month], number: int) -> Year:
    return Year(
        number=number,
        months=f"{months[0].month} to {months[-1].month}",
        asking=float(sum(month.patients_asking for month in months)),
        refused=float(sum(month.patients_refused for month in months)),
        infused=float(sum(month.patients_infused for month in months)),
    )


def full_from(e: Evaluation) -> Full | None:
    """When the plant is full for the first time; none where it has a place for everybody."""
    for month in e.cash.months:
        if month.patients_refused > NOBODY * max(1.0, month.patients_asking):
            return Full(month.month, float(month.patients_refused) * LENGTH)
    return None


def patients(e: Evaluation) -> View:
    """Who asks for a slot in each year of the plan, and who gets one."""
    found = years(e)
    table = pd.DataFrame(
        {
            "Year of the plan": [year.number for year in found],
            "Months": [year.months for year in found],
            "Ask for a slot": [three(year.asking) for year in found],
            "Are given one": [three(year.asking - year.refused) for year in found],
            "Are turned away": [three(year.refused) for year in found],
            "Are infused": [three(year.infused) for year in found],
        }
    )
    return View("Patients, year by year", demand_charts.patients(found), table, finding(e), "patients_by_year")


def finding(e: Evaluation) -> str:
    """How the demand runs over the plan, and from when on the plant is full."""
    treated = [year for year in years(e) if year.asking > 0]
    if not treated:
        return "No patient asks for a slot within the plan."
    first, last = treated[0], treated[-1]
    head = f"{words.doses(first.asking)} patients ask for a slot in year {first.number}"
    if last.number > first.number:
        head += f", {words.doses(last.asking)} in year {last.number}"
    full = full_from(e)
    if full is None:
        return f"{head}. The plant has a place for all of them."
    away = sum(year.refused for year in treated)
    return (
        f"{head}. From month {full.month} the plant is full: {words.doses(full.refused)} patients a year find no place "
        f"then, {words.doses(away)} over the whole plan."
    )
