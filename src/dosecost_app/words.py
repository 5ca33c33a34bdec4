"""Words for numbers, choices and options, and the one function that makes text from others safe to show."""

import math
import re
import string

from dosecost import recipes

ESCAPED = {ord(sign): f"\\{sign}" for sign in string.punctuation}
ACTIVE = re.compile(r":(?=[\w+/-]+:|//)|@|www(?=\.)", re.IGNORECASE)
"""What is read even where it is escaped: names of icons, and addresses that become links."""
BREAKS = re.compile(r"\s+")
NOT_IN_A_FILE_NAME = re.compile(r"[^a-z0-9]+")

CHOICES = {
    "platform": "Manufacturing platform",
    "setting": "Setting",
    "stage": "Stage of development",
    "tenure": "Who owns the clean room",
    "sizing": "Size of the plant",
    "room_grade": "Clean room grade",
    "sterility": "Sterility test",
    "mycoplasma": "Mycoplasma test",
    "potency": "Potency test",
    "testing": "Release testing",
    "plate_reading": "Reading of monitoring plates",
    "conditional_release": "Release before the sterility result",
    "record": "Batch record",
    "apheresis": "Apheresis travels",
    "lane": "Distance to the clinic",
    "delivery": "The gene is delivered by",
    "vector_supply": "Vector is bought",
    "vector_yield": "Doses of a vector batch",
    "instruments": "Instruments",
    "remake": "Second attempt after a failed lot",
    "starting_material": "Lots lost by the patient’s own cells",
    "heads": "People are paid as",
    "failure_convention": "How failed lots are charged",
    "boundary": "Costs counted",
}

OPTIONS = {
    "setting": {"commercial": "Company", "academic": "Academic unit"},
    "stage": {"clinical": "Clinical trial", "commercial": "Licensed product"},
    "tenure": {
        "build": "Build our own",
        "lease": "Lease a shell, fit it out",
        "pod": "Prefabricated pod",
        "host_hospital": "Rooms of a host hospital",
        "cdmo": "Contract manufacturer (CDMO)",
    },
    "sizing": {"size_for_demand": "As the demand needs", "fixed_plant": "As installed (fixed)"},
    "room_grade": {"from_steps": "As the steps need", "CNC": "CNC", "D": "Grade D", "C": "Grade C", "B": "Grade B"},
    "sterility": {
        "compendial": "Compendial culture, 14 days",
        "growth": "Automated growth (BacT/ALERT class)",
        "pcr": "Rapid PCR",
        "cytometry": "Cytometry",
    },
    "mycoplasma": {"culture": "Culture, 28 days", "pcr": "PCR"},
    "potency": {"cytokine": "Cytokine release", "killing": "Killing assay"},
    "testing": {"in_house": "In house", "outsourced": "Outsourced"},
    "plate_reading": {"in_house": "In house", "outsourced": "Outsourced"},
    "conditional_release": {"yes": "Yes", "no": "No"},
    "record": {"paper": "Paper", "electronic": "Electronic"},
    "apheresis": {"fresh": "Fresh", "frozen": "Frozen"},
    "lane": {"local": "Same hospital or city", "domestic": "Domestic", "international": "International"},
    "delivery": {
        "lentiviral": "Lentiviral vector",
        "retroviral": "Retroviral vector",
        "non_viral": "No virus: electroporation",
    },
    "instruments": {"gmp": "GMP grade", "research": "Research grade"},
    "vector_supply": {"by_dose": "By the dose", "campaign": "As whole batches (campaign)"},
    "vector_yield": {"as_quoted": "As quoted", "from_titre": "From volume and titre"},
    "remake": {"yes": "Yes", "no": "No"},
    "starting_material": {"observed": "As published", "cell_balance": "From the cells, step by step"},
    "heads": {"whole": "Whole people", "fractional": "Fractions of people"},
    "failure_convention": {
        "stage_wise": "Where each lot is lost",
        "times_one_plus_f": "Cost × (1 + failure rate)",
        "divided_by_one_minus_f": "Cost ÷ (1 − failure rate)",
    },
    "boundary": {
        "manufacture": "Manufacture only",
        "quality_and_release": "and quality and release",
        "apheresis_and_logistics": "and apheresis and logistics",
        "fully_loaded": "The whole plant, idle capacity too",
    },
}

EXPOSURES = {"platform": "As platform", "open": "Open", "briefly_open": "Briefly open", "closed": "Closed"}

AREAS = {
    "finance": "Finance",
    "demand": "Demand",
    "process": "Process",
    "cells": "Cells",
    "losses": "Losses",
    "capacity": "Capacity",
    "people": "People",
    "materials": "Materials",
    "quality": "Quality",
    "monitoring": "Monitoring",
    "facility": "Facility",
    "equipment": "Equipment",
    "logistics": "Logistics",
    "overhead": "Overhead",
    "regulatory": "Changes and filings",
}

LEVELS = {"error": "Cannot be", "warning": "Warning", "note": "Note"}

UNITS = {"yr": "years", "h": "hours", "min": "minutes", "1e9 cells": "billion cells", "log": "log units"}

PLAN = {
    "horizon_months": "Months shown",
    "opening_cash": "Cash at the start",
    "floor": "Lowest balance allowed",
    "flat_burn_months": "Months averaged for flat burn",
    "plant": "Plant",
    "plant_order_month": "Plant ordered in month",
    "id": "Id",
    "name": "Name",
    "months": "Months",
    "share_of_demand": "Rate",
    "stage": "Stage",
    "research_per_month": "Research",
    "administration_per_month": "Administration",
    "clinical_per_patient": "Trial cost",
    "revenue": "Income",
    "demand": "Demand",
    "kind": "Kind",
    "month": "From month",
    "amount": "Amount",
    "instalments": "Monthly instalments",
    "yearly_interest": "Interest a year",
    "interest_only_months": "Months of interest only",
    "repayment_months": "Months of repayment",
    "platform": "Platform",
    "sterility": "Sterility test",
    "role": "Role",
    "heads": "Heads",
    "price_factor": "Price factor",
    "decisions.share_of_demand": "Share of patients",
    "devices": "Devices",
    "suites": "Suites",
}

PLAN_OPTIONS = {
    "clinical": "Clinical trial",
    "commercial": "Licensed product",
    "none": "None",
    "flat": "Flat",
    "growing": "Growing",
    "charge_back": "Charge-back",
    "price": "List price",
    "equity": "Equity",
    "grant": "Grant",
    "subsidy": "Subsidy",
    "debt": "Loan",
    "switch_platform": "Switch platform",
    "adopt_sterility": "Adopt a sterility test",
    "go_electronic": "Go electronic",
    "gmp_instruments": "GMP instruments",
    "hire": "Hire",
    "price_change": "Change the price",
    "buy": "Buy limiting devices",
    "build": "Build suites",
    "open_hub": "Open a second site",
    "new": "New: ordered and built",
    "existing": "Existing: ready in month 1",
}


def plain(text: str) -> str:
    """Text from a user or a file as Markdown that shows just these characters: no link, image, formula or icon."""
    unbroken = BREAKS.sub(" ", ACTIVE.sub("\\g<0>\N{WORD JOINER}", text)).strip()
    return unbroken.translate(ESCAPED)


def slug(name: str) -> str:
    """A name as part of a file's name."""
    return NOT_IN_A_FILE_NAME.sub("-", name.lower()).strip("-")[:40].strip("-") or "scenario"


def figures(x: float, digits: int = 3) -> str:
    """A number at so many significant figures, with thousands separators and never an exponent."""
    if not math.isfinite(x):
        return undefined("not a finite number")
    if x == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(x)))
    rounded = round(x, places)
    places = digits - 1 - math.floor(math.log10(abs(rounded)))
    return f"{rounded:,.{max(places, 0)}f}".replace("-", "−")


def exact(x: float) -> str:
    """A number as the user would type it: up to six figures, no trailing zeros, thousands separators."""
    if x != 0 and abs(x) < 0.001:
        return f"{x:.3g}".replace("-", "−")
    places = 0 if x == 0 else max(0, 5 - math.floor(math.log10(abs(x))))
    text = f"{x:,.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def money(x: float, currency: str) -> str:
    """Money at three significant figures: ``USD 218,000``, ``USD 1.23 M``, ``EUR −4.50 bn``."""
    if not math.isfinite(x):
        return undefined("not a finite number")
    size = abs(x)
    for limit, factor, name in ((999.5e6, 1e9, " bn"), (999.5e3, 1e6, " M")):
        if size >= limit:
            return f"{currency} {figures(x / factor)}{name}"
    return f"{currency} {figures(x)}"


def months(x: float) -> str:
    """A count of months: ``1 month``, ``18 months``, ``7.5 months``."""
    text = f"{x:,.1f}".removesuffix(".0").replace("-", "−")
    return f"{text} month" if text == "1" else f"{text} months"


def percent(x: float) -> str:
    """A share in percent: ``23 %``, and ``2.3 %`` below ten."""
    places = 0 if abs(x) >= 0.0995 or x == 0 else 1
    return f"{x * 100:,.{places}f} %".replace("-", "−")


def inside(text: str) -> str:
    """A label inside a sentence: its first letter small."""
    return text[:1].lower() + text[1:]


def upper(text: str) -> str:
    """What begins a sentence: its first letter large."""
    return text[:1].upper() + text[1:]


def doses(x: float) -> str:
    """A count of doses or patients at three significant figures, without trailing zeros."""
    text = figures(x)
    return text.rstrip("0").rstrip(".") if "." in text else text


def count(x: float, one: str) -> str:
    """So many of something: ``1 patient``, ``40 patients``, ``4.5 lots``."""
    number = doses(x)
    return f"{number} {one}" if number == "1" else f"{number} {one}s"


def patients(x: float) -> str:
    """Patients of a year: ``1 patient a year``, ``40 patients a year``."""
    return f"{count(x, 'patient')} a year"


def undefined(reason: str) -> str:
    """What stands where a figure does not exist."""
    return f"not defined: {reason}"


def choice_label(name: str) -> str:
    """What a choice is called on the page."""
    return CHOICES[name]


def option_label(name: str, value: str) -> str:
    """What an option of a choice is called on the page; platforms are named by their recipe."""
    return recipes.load()[value].label if name == "platform" else OPTIONS[name][value]


def exposure_label(value: str) -> str:
    """What an exposure of a step is called on the page."""
    return EXPOSURES[value]


def area_label(area: str) -> str:
    """What an area of inputs is called on the page."""
    return AREAS[area]


def unit_label(unit: str) -> str:
    """A unit of ``data/inputs`` as people read it."""
    return UNITS.get(unit, unit.replace("m2", "m²").replace("1e9", "billion"))


def plan_label(name: str, entries: str = "") -> str:
    """What a number or column of the plan, or of one of its lists, is called on the page."""
    return PLAN.get(f"{entries}.{name}") or PLAN[name]


def plan_key(key: str) -> str:
    """A key of the plan in the page's words: ``plan.receipts.state_grant`` becomes ``State grant``."""
    last = key.split(".")[-1]
    return PLAN.get(last, last.replace("_", " ").capitalize())


def plan_option(value: str) -> str:
    """What an option inside the plan is called on the page."""
    return PLAN_OPTIONS.get(value) or value.replace("_", " ").capitalize()


def value_label(key: str, value: object) -> str:
    """A value of any scenario key in the page's words, as plain text."""
    if value is None:
        return "none"
    if isinstance(value, str):
        choice = key.rpartition(".")[2] if key.startswith("plan.decisions.") else key
        if choice in OPTIONS or choice == "platform":
            return option_label(choice, value)
        if key.startswith("steps."):
            return exposure_label(value)
        return PLAN_OPTIONS.get(value, value)
    return exact(float(value)) if isinstance(value, int | float) else str(value)
