"""What is paid for and stands idle: people, rooms and devices."""

import pandas as pd

from dosecost.evaluation import Evaluation, doses_charged
from dosecost.ledger import by_category
from dosecost_app import charts, views, words
from dosecost_app.charts import Bar
from dosecost_app.views import View

IDLE = {
    "labour.people": "Operators and support staff",
    "quality.people": "Quality staff",
    "facility": "Rooms",
    "equipment": "Devices",
    "monitoring": "Monitoring system",
    "quality": "Quality laboratory",
    "logistics": "Sites and lanes",
}
"""What a line of idle capacity is called, by the start of its name; the longer names first."""


def by_kind(e: Evaluation) -> View:
    """What stands idle, per patient infused."""
    currency, doses = e.scenario.currency, doses_charged(e.scenario.choices, e.results)
    amounts: dict[str, float] = {}
    for line in e.results.lines:
        if line.category == "idle_capacity":
            part = next(name for name in IDLE if line.id.startswith(f"idle.{name}"))
            amounts[part] = amounts.get(part, 0.0) + float(line.annual)
    rows = charts.by_size(Bar(IDLE[part], amount / doses) for part, amount in amounts.items() if amount > 0)
    table = pd.DataFrame(
        {
            "What stands idle": [row.label for row in rows],
            f"{currency} per patient infused": [views.three(row.amount or 0.0) for row in rows],
            f"{currency} a year": [views.three((row.amount or 0.0) * doses) for row in rows],
        }
    )
    return View(
        "Idle capacity",
        charts.bars(rows, f"{currency} per patient infused", 300, charts.short),
        table,
        finding(e),
        "idle",
    )


def finding(e: Evaluation) -> str:
    """The share of rooms and devices in use, and what the rest costs."""
    plant, currency = e.results.plant, e.scenario.currency
    total = by_category(e.results.lines)["idle_capacity"]
    cost = words.money(total / doses_charged(e.scenario.choices, e.results), currency)
    if e.scenario.choices.tenure == "cdmo":
        return (
            "The contract manufacturer carries idle rooms and devices; idle people of one's own cost "
            f"{cost} per patient infused."
        )
    return (
        f"The lots use {words.percent(plant.suites_used)} of what the rooms can take and "
        f"{words.percent(plant.devices_used)} of the devices; what is paid and not used, people too, is {cost} per "
        "patient infused."
    )
