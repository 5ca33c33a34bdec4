"""A second engine, written from docs/model.md and data/ alone, to check the first one.

It shares no code and no structure with the package: no objects, no vectors, no tracing. A year is one flat dictionary
that the sections of the page fill in order; the ledger is a list of plain dictionaries. Section numbers are the page's.
"""

import csv
import functools
import itertools
import math
import tomllib
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
GRADES = ("CNC", "D", "C", "B")
ROLES = (
    "operator",
    "supervisor",
    "qc_analyst",
    "qc_manager",
    "qa_specialist",
    "qa_manager",
    "msat",
    "facilities",
    "supply_chain",
    "regulatory",
    "site_head",
)
LABOUR_ROLES = ("operator", "supervisor", "msat", "facilities", "supply_chain", "regulatory", "site_head")
QUALITY_ROLES = ("qc_analyst", "qa_specialist", "qc_manager", "qa_manager")
BOUNDARIES = {
    "manufacture": ("materials", "vector", "labour", "facility", "equipment"),
    "quality_and_release": ("quality", "monitoring"),
    "apheresis_and_logistics": ("apheresis", "logistics"),
    "fully_loaded": ("overhead", "idle_capacity"),
}
FIXED = ("per_year", "capital_charge")
DECISIONS = (
    "demand.patients_per_year",
    "logistics.clinical_sites",
    "capacity.suites_installed",
    "capacity.devices_installed",
    "process.knock_outs",
)


def up(x):
    """Round up, but n and a hair is n."""
    return math.ceil(x - 1e-9 * max(1.0, abs(x)))


def down(x):
    """Round down, but n less a hair is n."""
    return math.floor(x + 1e-9 * max(1.0, abs(x)))


# --- 1. Inputs ---------------------------------------------------------------------------------------------------


@functools.cache
def table():
    """All rows of data/inputs, by input name."""
    rows = {}
    for path in sorted((DATA / "inputs").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for line in csv.DictReader(file):
                conditions = [tuple(part.split("=")) for part in line["when"].split()]
                if line["platform"] != "all":
                    conditions.append(("platform", line["platform"]))
                basis = line["price_basis"].split()
                rows.setdefault(f"{path.stem}.{line['key']}", []).append(
                    {
                        "conditions": conditions,
                        "low": float(line["low"]),
                        "base": float(line["base"]),
                        "high": float(line["high"]),
                        "basis": (basis[0], int(basis[1])) if len(basis) == 2 else None,
                        "grade": line["grade"],
                    }
                )
    return rows


def platforms():
    """The ids of all recipes."""
    return [
        tomllib.loads(path.read_text(encoding="utf-8"))["id"] for path in sorted((DATA / "platforms").glob("*.toml"))
    ]


@functools.cache
def recipe_of(platform):
    """The recipe with this id."""
    for path in (DATA / "platforms").glob("*.toml"):
        recipe = tomllib.loads(path.read_text(encoding="utf-8"))
        if recipe["id"] == platform:
            return recipe
    raise KeyError(platform)


@functools.cache
def rows_in_use(platform, setting, stage, record, delivery):
    """1.1: of the rows that hold, the one with the most conditions."""
    choice = {"platform": platform, "setting": setting, "stage": stage, "record": record, "delivery": delivery}
    chosen = {}
    for name, rows in table().items():
        holding = [row for row in rows if all(choice[key] == value for key, value in row["conditions"])]
        if holding:
            chosen[name] = max(holding, key=lambda row: len(row["conditions"]))
    return chosen


def inputs_of(scenario, stage=None, column="base", nudged=None):
    """1.2: every input in scenario money, the user's own numbers on top; `nudged` is raised by one per cent."""
    choice = scenario["choices"]
    chosen = choice | {"stage": stage or choice["stage"]}
    rows = rows_in_use(*(chosen[name] for name in ("platform", "setting", "stage", "record", "delivery")))
    own = scenario["inputs"]
    nudge = {nudged: 1.01}

    def plain(name):
        return own.get(name, rows[name]["base"]) * nudge.get(name, 1.0)

    usd = {"USD": 1.0, "EUR": plain("finance.usd_per_eur")}
    growth = 1.0 + plain("finance.cost_inflation")
    factor = {}
    values = {}
    for name, row in rows.items():
        value = own.get(name)
        if value is None:
            value = row[column]
            basis = row["basis"]
            if basis is not None:
                if basis not in factor:
                    currency, year = basis
                    factor[basis] = (
                        usd[currency] / usd[scenario["currency"]] * growth ** (scenario["price_year"] - year)
                    )
                value *= factor[basis]
        values[name] = float(value)
    if nudged is not None:
        values[nudged] *= 1.01
    return values


# --- 2. Process --------------------------------------------------------------------------------------------------


def library(name):
    """The entries of a file of data/steps."""
    return tomllib.loads((DATA / "steps" / f"{name}.toml").read_text(encoding="utf-8"))


def made(platform, delivery, wanted):
    """2: a platform's recipe with its gene transfer and the optional steps that are wanted."""
    recipe = dict(recipe_of(platform))
    way = next(entry for entry in library("delivery")["delivery"] if entry["id"] == delivery)
    steps = []
    for step in recipe["steps"]:
        if step["id"] == "gene_transfer":
            step = step | {
                "devices": [*step.get("devices", []), *way.get("devices", [])],
                "materials": [*step.get("materials", []), *way.get("materials", [])],
                "operation": way.get("operation", ""),
            }
        steps.append(step)
    for option in library("optional")["steps"]:
        if option["id"] not in wanted:
            continue
        model = next(step for step in steps if step["id"] == option["like"])
        devices = list(dict.fromkeys([*model.get("devices", []), *option.get("devices", [])]))
        new = option | {"exposure": model["exposure"], "devices": devices, "optional": True}
        if "crew" in model:
            new["crew"] = model["crew"]
        place = [step["id"] for step in steps].index(option["after"])
        steps.insert(place + 1, new)
    known = [device["id"] for device in recipe["devices"]]
    used = dict.fromkeys(device for step in steps for device in step.get("devices", []))
    new = [{"id": device, "use": "steps"} for device in used if device not in known]
    return recipe | {
        "steps": steps,
        "devices": [*recipe["devices"], *new],
        "payload": way.get("payload", []),
        "tests": way.get("tests", []),
    }


def stretches(step):
    """Whether the culture length sets a step's days."""
    return step["group"] == "culture" and not step.get("optional")


def process(v, choice, exposures, recipe, q):
    """Hours, days, openings and the room grade of one lot."""
    culture = sum(v[f"process.steps.{s['id']}.days"] for s in recipe["steps"] if stretches(s))
    scale = v["process.culture_days"] / culture
    sums = dict.fromkeys(PROCESS, 0.0)
    device_days = {}
    closed_by_choice = 0
    any_open = False
    aseptic = False
    grade = "CNC"
    for step in recipe["steps"]:
        name = step["id"]
        exposure = step["exposure"]
        if step["group"] != "room" and exposures.get(name, "platform") != "platform":
            exposure = exposures[name]
        closed = exposure == "closed"
        repeats = scale if name == "expansion" else 1.0
        days = v[f"process.steps.{name}.days"] * (scale if stretches(step) else 1.0)
        if name == "gene_transfer":
            sums["days_after_transfer"] = 0.0
        if step["group"] == "culture":
            sums["days_after_transfer"] += days
        hands_on = v[f"process.steps.{name}.hands_on_hours"] * repeats
        if step.get("crew") == "single":
            people = 1.0
        else:
            people = v["process.people_per_closed_step" if closed else "process.people_per_open_step"]
        manipulations = v[f"process.steps.{name}.open_manipulations"]
        sums["room_days"] += days
        sums["process_days"] += days if step["group"] != "room" else 0.0
        sums["operator_hours"] += hands_on * people
        sums["room_entries"] += hands_on / v["process.hours_per_room_entry"] * people
        if closed:
            sums["closed_connections"] += manipulations * repeats
            closed_by_choice += step["exposure"] != "closed"
        else:
            sessions = manipulations * repeats / v["process.manipulations_per_session"]
            sums["open_manipulations"] += manipulations * repeats
            sums["open_sessions"] += sessions
            sums["open_session_exits"] += sessions * people
            sums["open_hours"] += hands_on
        for device in step.get("devices", []):
            device_days[device] = device_days.get(device, 0.0) + days
        any_open = any_open or exposure == "open"
        aseptic = aseptic or not closed
        grade = max(grade, recipe["room"][exposure], key=GRADES.index)
    q.update(sums, culture_scale=scale, any_open=any_open, closed_by_choice=closed_by_choice, device_days=device_days)
    q["aseptic"] = aseptic
    q["room_grade"] = grade if choice["room_grade"] == "from_steps" else choice["room_grade"]


# --- 3. Waits and losses -----------------------------------------------------------------------------------------


def panel_of(v, choice, recipe):
    """7: the tests of the release panel, with how often each is run."""
    panel = [
        f"sterility_{choice['sterility']}",
        f"mycoplasma_{choice['mycoplasma']}",
        f"potency_{choice['potency']}",
        "gram",
        "endotoxin",
        "vector_copy_number",
        "identity",
        "phenotype",
        "viability",
        "residuals",
        "appearance",
        *recipe["tests"],
    ]
    runs = dict.fromkeys(panel, 1.0)
    for step in recipe["steps"]:
        for entry in step.get("tests", []):
            name = f"potency_{choice['potency']}" if entry["test"] == "potency" else entry["test"]
            more = v["process.knock_outs"] if entry.get("per") == "knock_out" else 1.0
            runs[name] = runs.get(name, 0.0) + more
    return runs


def below(x):
    """The chance that a standard normal number is below x."""
    return 0.5 * math.erfc(-x / math.sqrt(2))


def cells(v, q, recipe):
    """2.1: the median lot from collection to thaw, and the share of lots that miss the dose.

    The share is an integral over the collection, z standard deviations from its median: what a collection of z yields
    is short with a chance that only growth and transduction decide.
    """
    x = {name.partition(".")[2]: value for name, value in v.items() if name.startswith("cells.")}
    growing = max(0.0, v["process.culture_days"] - x["fold_expansion_lag_days"])
    fold = math.exp(growing * math.log(x["fold_expansion"]) / (x["fold_expansion_days"] - x["fold_expansion_lag_days"]))
    names = [step["id"] for step in recipe["steps"]]
    first = [step["group"] for step in recipe["steps"]].index("culture")
    parts = {"before": 1.0, "within": 1.0, "behind": 1.0}
    for place, step in enumerate(recipe["steps"]):
        part = "before" if place < first else "within" if place < names.index("expansion") else "behind"
        if step.get("operation"):
            parts[part] *= v[f"process.operations.{step['operation']}.cell_recovery"]
    s = x["selection_recovery"] * parts["before"]
    editing = any(step.get("knock_outs") for step in recipe["steps"])
    e = x["knock_out_efficiency"] ** v["process.knock_outs"] if editing else 1.0
    carrying_share = parts["within"] * x["transduced_fraction"] * e * parts["behind"]
    recovered = carrying_share * x["harvest_recovery"]
    if "cryo" in names:
        recovered *= x["post_thaw_viability"]

    def seeded(collected):
        return min(max(collected, x["cd3_minimum"]) * s, x["cells_into_culture"])

    tau = math.hypot(x["fold_expansion_log_sd"], x["transduced_fraction_log_sd"])

    def short(z):
        cells_in = seeded(x["cd3_collected"] * math.exp(x["cd3_collected_log_sd"] * z))
        return below(math.log(x["target_dose"] / (cells_in * fold * recovered)) / tau)

    def place(collected):
        return math.log(collected / x["cd3_collected"]) / x["cd3_collected_log_sd"]

    least = place(x["cd3_minimum"])
    full = max(least, place(x["cells_into_culture"] / s))
    missed = below(least) * short(least) + below(-full) * short(full)
    start, end = max(least, -9.0), min(full, 9.0)
    if end > start:
        panels = 400
        width = (end - start) / panels
        for n in range(panels + 1):
            z = start + n * width
            weight = 1 if n in (0, panels) else 4 if n % 2 else 2
            missed += weight * width / 3 * math.exp(-z * z / 2) / math.sqrt(2 * math.pi) * short(z)
    put_in = seeded(x["cd3_collected"])
    grown = put_in * parts["within"] * fold
    carrying = grown * x["transduced_fraction"]
    collected = max(x["cd3_collected"], x["cd3_minimum"])
    q["cells"] = {
        "collected_1e9": collected,
        "selected_1e9": collected * s,
        "into_culture_1e9": put_in,
        "treated_1e9": put_in * parts["within"],
        "expanded_1e9": grown,
        "transduced_1e9": carrying,
        "edited_1e9": carrying * e,
        "enriched_1e9": carrying * e * parts["behind"],
        "harvested_1e9": carrying * e * parts["behind"] * x["harvest_recovery"],
        "viable_1e9": put_in * fold * recovered,
        "target_1e9": x["target_dose"],
        "below_minimum": below(least),
        "missed_dose": missed,
    }


def funnel(v, choice, q, admitted, slot_wait):
    """What becomes of the admitted patients of a year."""

    def waiting(days):
        return (1.0 - v["demand.drop_out_per_week"]) ** (days / 7.0)

    unwaited = ("sterility_compendial", "sterility_growth") if choice["conditional_release"] == "yes" else ()
    hold = max(0.0, v["quality.expression_days"] - q["days_after_transfer"])
    of_the_gene = ("vector_copy_number", "identity", "potency_cytokine", "potency_killing")
    turnarounds = [
        v[f"quality.tests.{test}.turnaround_days"] + (hold if test in of_the_gene else 0.0)
        for test in q["panel"]
        if test not in unwaited
    ]
    release_days = max(turnarounds) + v["quality.record_review_days"]
    to_start = v[f"logistics.transport_days_{choice['apheresis']}"]
    to_release = q["process_days"] + release_days
    to_infusion = v["logistics.transport_days_product"] + v["logistics.release_to_infusion_days"]

    m = v["losses.manufacturing_failure"] * v["losses.patient_material_share"]
    if choice["starting_material"] == "cell_balance":
        m = min(q["cells"]["missed_dose"], 0.999)
    h = 1 - (1 - v["losses.handling_per_open_manipulation"]) ** q["open_manipulations"]
    spared = 1 - v["losses.device_failure"]
    for operation in q["operations"]:
        spared *= 1 - v[f"process.operations.{operation}.run_failure"]
    d = 1 - spared
    c = 1 - (
        (1 - v["losses.contamination_per_open_manipulation"]) ** q["open_manipulations"]
        * (1 - v["losses.contamination_per_closed_connection"]) ** q["closed_connections"]
    )
    infused_anyway = v["losses.out_of_specification_infused"]
    r = v["losses.out_of_specification"] * (1 - infused_anyway)
    released = (1 - m) * (1 - h) * (1 - d) * (1 - c) * (1 - r)

    remake = choice["remake"] == "yes"
    success = v["losses.remake_success"]
    g = 1 + (1 - success) if remake else 1.0
    collected = admitted * waiting(slot_wait)
    at_start = collected * waiting(to_start)
    first = at_start * (1 - v["losses.receipt_rejection"])
    remade = first * (1 - released) if remake else 0.0
    doses = first * released + remade * success
    arrived = doses * (1 - v["losses.shipment_loss"])
    before_spec = first * (1 - m) * (1 - h) * (1 - d) * (1 - c)
    refusable = before_spec * v["losses.out_of_specification"] * infused_anyway
    survive = waiting(to_release + to_infusion)
    return {
        "release_days": release_days,
        "vein_to_vein_days": to_start + to_release + to_infusion,
        "lot_failure_rate": 1 - released,
        "admitted": admitted,
        "lost_slot_wait": admitted - collected,
        "collected": collected,
        "lost_before_start": collected - at_start,
        "rejected_on_receipt": at_start - first,
        "first_lots": first,
        "remade": remade,
        "lots_started": first + remade,
        "doses_released": doses,
        "lots_failed": first + remade - doses,
        "failed_patient_material": first * m * g,
        "failed_handling": first * (1 - m) * h * g,
        "failed_device": first * (1 - m) * (1 - h) * d * g,
        "failed_contamination": first * (1 - m) * (1 - h) * (1 - d) * c * g,
        "failed_specification": before_spec * r * g,
        "released_out_of_specification": refusable,
        "infused_out_of_specification": refusable * (1 - v["losses.shipment_loss"]) * survive,
        "aphereses": (collected + remade) * (1 + v["demand.second_collection_share"]),
        "lost_shipment": doses - arrived,
        "lost_wait_for_infusion": arrived * (1 - survive),
        "patients_infused": arrived * survive,
    }


# --- 4. Capacity -------------------------------------------------------------------------------------------------


def capacity(v, choice, recipe, q, patients, plant):
    """Rooms, devices, ceilings, the wait for a slot and who is admitted; `plant` fixes rooms and limiting devices."""
    q["operating_days"] = 365 - 7 * v["capacity.shutdown_weeks"]
    q["at_one_time"] = v["capacity.lots_per_room_open" if q["any_open"] else "capacity.lots_per_room_closed"]
    per_patient = funnel(v, choice, q, 1.0, 0.0)["lots_started"]
    wanted = patients * per_patient
    q["devices"] = {}
    if choice["tenure"] == "cdmo":
        q.update(suites=0, limiting_devices=0, suites_used=0.0, devices_used=0.0, admitted=patients)
        q.update(ceiling_suites=None, ceiling_devices=None, ceiling=None)
        q["slot_wait_days"] = v["capacity.contract_slot_wait_days"]
        return
    limiting = recipe["limiting_device"]
    days_in = dict(q["device_days"])
    days_in[limiting] += v["capacity.device_turnaround_days"]
    planned_days = q["operating_days"] * v["capacity.planning_utilisation"]
    per_suite = planned_days * q["at_one_time"] / q["room_days"]
    per_device = {
        device: planned_days * v[f"capacity.devices.{device}.slots"] / days for device, days in days_in.items()
    }
    if plant is not None:
        suites, devices = plant
    elif choice["sizing"] == "fixed_plant":
        suites, devices = v["capacity.suites_installed"], v["capacity.devices_installed"]
    else:
        suites, devices = max(1, up(wanted / per_suite)), max(1, up(wanted / per_device[limiting]))
    ceiling_suites = suites * per_suite
    ceiling_devices = devices * per_device[limiting]
    ceiling = min(ceiling_suites, ceiling_devices)
    planned = q["planned"] = min(wanted, ceiling)

    def wait(places, days):
        u = planned * days / (places * q["operating_days"])
        spread = (v["capacity.arrival_variability"] + v["capacity.occupancy_variability"]) / 2
        return days / places * u ** (math.sqrt(2 * (places + 1)) - 1) / (1 - u) * spread

    for device in recipe["devices"]:
        name = device["id"]
        if name == limiting:
            count = devices
        elif device["use"] == "steps":
            count = max(1, up(planned / per_device[name]))
        else:
            count = suites if device["use"] == "room" else 1
            if device["use"] == "connections":
                count = suites if q["closed_connections"] > 0 else 0
        q["devices"][name] = count
    q.update(
        suites=suites,
        limiting_devices=devices,
        ceiling_suites=ceiling_suites,
        ceiling_devices=ceiling_devices,
        ceiling=ceiling,
        suites_used=planned / ceiling_suites,
        devices_used=planned / ceiling_devices,
        admitted=min(patients, ceiling / per_patient),
        slot_wait_days=max(
            wait(suites * q["at_one_time"], q["room_days"]),
            wait(devices * v[f"capacity.devices.{limiting}.slots"], days_in[limiting]),
        ),
    )


# --- 9. Plates (needed by the people who read them) --------------------------------------------------------------


def plates(v, choice, q):
    """Plates of one lot by kind, routine plates and excursions of a year."""
    in_b = 1.0 if q["room_grade"] == "B" else 0.0
    sessions = q["open_sessions"]
    q["plates_per_lot"] = {
        "active_air": sessions * v["monitoring.active_air_plates"],
        "settle": max(sessions, q["open_hours"] / v["monitoring.settle_exposure_hours"])
        * v["monitoring.settle_plates"],
        "contact": sessions * v["monitoring.contact_plates"],
        "glove": q["open_session_exits"] * v["monitoring.glove_plates"],
        "gown": q["open_session_exits"] * v["monitoring.gown_plates"] * in_b,
        "background": sessions * v["monitoring.background_plates"] * in_b,
    }
    weeks = q["operating_days"] / 7
    q["own_suites"] = q["suites"] if choice["tenure"] in ("build", "lease", "pod") else 0.0
    q["routine_plates"] = v[f"monitoring.routine_plates_{q['room_grade'].lower()}"] * q["own_suites"] * weeks
    q["plates_per_year"] = sum(q["plates_per_lot"].values()) * q["lots_started"] + q["routine_plates"]
    q["monitored"] = {
        "per_lot": (
            sum(q["plates_per_lot"].values()) * q["lots_started"],
            sessions * q["lots_started"] * v["monitoring.excursion_share_open"],
        ),
        "per_year": (
            q["routine_plates"],
            v[f"monitoring.routine_sessions_{q['room_grade'].lower()}"]
            * q["own_suites"]
            * weeks
            * v["monitoring.excursion_share_routine"],
        ),
    }


# --- 5. People ---------------------------------------------------------------------------------------------------


def grade_suffix(q):
    """Gowning and cleaning know grade B and the rest."""
    return "b" if q["room_grade"] == "B" else "other"


def people(v, choice, q):
    """Heads and their used share, by role."""
    cdmo = choice["tenure"] == "cdmo"
    lots = q["lots_started"]
    gowning = q["room_entries"] * v[f"facility.gown_minutes_{grade_suffix(q)}"] / 60
    if choice["testing"] == "in_house":
        analyst = sum(v[f"quality.tests.{test}.hours"] * runs for test, runs in q["panel"].items())
        analyst *= 1 + v["quality.repeat_share"]
    else:
        analyst = v["quality.coordination_hours"]
    q["tested_lots"] = lots - q["failed_patient_material"] - q["failed_handling"] - q["failed_device"]
    q["deviations_per_lot"] = (
        v["quality.deviations_base"] + v["quality.deviations_per_open_manipulation"] * q["open_manipulations"]
    )
    reading = (
        q["plates_per_year"] * v["monitoring.reading_minutes"] / 60 if choice["plate_reading"] == "in_house" else 0
    )
    hours = {
        "operator": lots
        * (q["operator_hours"] + gowning + v["process.documentation_hours"] + v["process.kitting_hours"]),
        "qc_analyst": q["tested_lots"] * analyst + reading,
        "qa_specialist": lots
        * (
            v["people.record_review_hours"]
            + v["people.disposition_hours"]
            + q["deviations_per_lot"] * v["people.deviation_hours"]
        ),
        "supply_chain": lots * v["people.scheduling_hours"],
    }
    if cdmo:
        hours["operator"] = hours["qc_analyst"] = 0.0
    heads, used, wage = {}, {}, {}
    for role in ROLES:
        if role == "supervisor":
            needed = 0.0 if cdmo else heads["operator"] / v["people.operators_per_supervisor"]
        else:
            needed = hours.get(role, 0.0) / (v["people.productive_hours"] * v["people.working_share"])
            needed *= v["people.cover"]
        number = max(needed, v[f"people.roles.{role}.{'sponsor_minimum' if cdmo else 'minimum'}"])
        heads[role] = number if choice["heads"] == "fractional" else up(number)
        used[role] = 1.0
        if role in hours and not cdmo:
            used[role] = needed / max(heads[role], 1e-9)
        wage[role] = v[f"people.roles.{role}.salary"] * v["people.salary_level"] * (1 + v["people.burden"])
    used["supervisor"] = used["operator"]
    q.update(heads=heads, used=used, wage=wage, hours=hours)


# --- 6 to 9. Ledger ----------------------------------------------------------------------------------------------


def bought_of(v, item, of_a_lot, lots):
    """6.1: units needed and bought of an item a year, and the mean price of one."""
    price, pack, life = (v[f"materials.items.{item}.{name}"] for name in ("price", "pack_size", "shelf_life"))
    needed = lots * of_a_lot * (1 + v["materials.write_off_share"])
    packs = up(v["materials.minimum_order_lots"] * of_a_lot / pack)
    bought = max(needed, packs * pack * min(lots, 1 / life))
    if bought > 0:
        at_list = min(bought, v["materials.price_break_lots"] * of_a_lot)
        price *= (at_list + (bought - at_list) * (1 - v["materials.price_break_share"])) / bought
    return needed, bought, price


def ledger(v, choice, recipe, q):
    """All lines of a year; also the assets by category and the rent."""
    lines = []
    assets = []
    cdmo = choice["tenure"] == "cdmo"
    grade = q["room_grade"].lower()
    lots, tested, doses, suites = q["lots_started"], q["tested_lots"], q["doses_released"], q["suites"]

    def line(category, basis, annual, step=None, used=None):
        if used is not None:
            lines.append({"category": "idle_capacity", "basis": basis, "annual": annual * (1 - used), "step": step})
            annual *= used
        lines.append({"category": category, "basis": basis, "annual": annual, "step": step})

    def asset(category, name, amount, life, used=None):
        assets.append({"category": category, "key": (category, name), "amount": amount, "life": v[life]})
        line(category, "capital_charge", amount / v[life], used=used)

    # materials and vector
    taken = {}
    for step in recipe["steps"]:
        for entry in step.get("materials", []):
            amount = v[f"materials.{entry['quantity']}"] if "quantity" in entry else 1.0
            if entry.get("per") == "culture":
                amount *= q["culture_scale"]
            if entry.get("per") == "knock_out":
                amount *= v["process.knock_outs"]
            taken.setdefault(entry["item"], []).append((step["id"], amount))
    closed_sets = q["closed_by_choice"] * v["materials.closed_step_set_price"]
    consumables = 0.0
    connected = q["closed_connections"] * v["materials.connection_price"]
    used_up = lots * (closed_sets + connected)
    for item, places in taken.items():
        of_a_lot = sum(amount for _, amount in places)
        consumables += of_a_lot * v[f"materials.items.{item}.price"]
        if cdmo:
            continue
        needed, bought, price = bought_of(v, item, of_a_lot, lots)
        for step, amount in places:
            line("materials", "per_lot", lots * amount * price, step=step)
            used_up += lots * amount * price
        line("materials", "per_year", (bought - needed) * price)
    if not cdmo:
        line("materials", "per_lot", lots * closed_sets)
        line("materials", "per_lot", lots * connected)
        line("materials", "per_lot", used_up * v["materials.write_off_share"])
    doses_per_lot = v["cells.cells_into_culture"] / v["materials.vector_dose_cells"]
    one_vector = doses_per_lot * v["materials.vector_dose_price"]
    if recipe["payload"]:
        one_vector = sum(v[f"materials.items.{entry['item']}.price"] for entry in recipe["payload"])
        for entry in recipe["payload"]:
            needed, bought, price = bought_of(v, entry["item"], 1.0, lots)
            line("vector", "per_lot", lots * price * (1 + v["materials.write_off_share"]), step="gene_transfer")
            line("vector", "per_year", (bought - needed) * price, step="gene_transfer")
    elif choice["vector_supply"] == "by_dose":
        line("vector", "per_lot", lots * one_vector, step="gene_transfer")
    else:
        doses_of_one = v["materials.vector_doses_per_campaign"]
        if choice["vector_yield"] == "from_titre":
            units = v["materials.vector_volume"] * 1000 * v["materials.vector_titre"] * v["materials.vector_recovery"]
            units -= units * v["materials.vector_testing_share"]
            into_a_dose = v["materials.vector_dose_cells"] * 1e9 * v["materials.multiplicity_of_infection"]
            doses_of_one = units / (into_a_dose + into_a_dose * v["materials.vector_overage"])
        campaigns = max(lots * doses_per_lot / doses_of_one, 1 / v["materials.vector_shelf_life"])
        line("vector", "per_year", campaigns * v["materials.vector_campaign_price"], step="gene_transfer")

    # people
    wages = {role: q["heads"][role] * q["wage"][role] for role in ROLES}
    for role in LABOUR_ROLES:
        line("labour", "per_year", wages[role], used=q["used"][role])
    for role in QUALITY_ROLES:
        line("quality", "per_year", wages[role], used=q["used"][role])

    # 7. quality
    panel = q["panel"]
    if not cdmo:
        price = "reagent_price" if choice["testing"] == "in_house" else "outsourced_price"
        for test, runs in panel.items():
            repeated = tested * runs * (1 + v["quality.repeat_share"])
            line("quality", "per_lot", repeated * v[f"quality.tests.{test}.{price}"], step="release")
        line("quality", "per_lot", lots * v["quality.in_process_price"], step="expansion")
        line("quality", "per_lot", tested * v["quality.retain_price"], step="release")
        investigated = q["failed_contamination"] + q["failed_specification"] + q["released_out_of_specification"]
        line("quality", "per_lot", investigated * v["quality.investigation_price"], step="release")
        deviations = lots * q["deviations_per_lot"]
        major = v["quality.deviation_major_share"]
        line("quality", "per_lot", deviations * major * v["quality.deviation_major_price"])
        line("quality", "per_lot", deviations * (1 - major) * v["quality.deviation_minor_price"])
        line("quality", "per_lot", q["failed_contamination"] * v["quality.contamination_price"])
        line("quality", "per_year", v["quality.media_fills_per_year"] * v["quality.media_fill_price"])
        if q["aseptic"]:
            each = v["quality.aseptic_qualifications_per_year"]
            each += v["people.attrition"] * v["quality.aseptic_qualifications_at_start"]
            line("quality", "per_year", q["heads"]["operator"] * each * v["quality.aseptic_qualification_price"])
    for name in ("stability_price", "reference_price", "systems_price"):
        line("quality", "per_year", v[f"quality.{name}"])
    validated = sum(v[f"quality.tests.{test}.validation_price"] for test in panel)
    asset("quality", "validation", validated, "quality.laboratory_life")
    if choice["testing"] == "in_house" and not cdmo:
        asset("quality", "laboratory", v["quality.laboratory_price"], "quality.laboratory_life")

    # 8. facility
    used = q["suites_used"]
    clean = suites * (v["facility.suite_m2"] + v["facility.airlock_m2"])
    gross = clean * v["facility.gross_to_clean"]
    support = clean * (v["facility.gross_to_clean"] - 1)
    finish = 1 + v["facility.design_and_qualification"]
    tenure = choice["tenure"]
    built = []
    if tenure in ("build", "lease"):
        built.append(clean * v[f"facility.fit_out_{grade}"] * finish)
    if tenure == "build":
        built.append(support * v["facility.fit_out_support"] * finish)
    if tenure == "pod":
        built.append(up(clean / v["facility.pod_m2"]) * v["facility.pod_price"])
    for number, amount in enumerate(built):
        asset("facility", number, amount, "facility.life", used=used)
    q["rent"] = 0.0
    if tenure in ("build", "lease", "pod"):
        electricity = clean * v[f"facility.electricity_{grade}"] * v["facility.electricity_price"]
        line("facility", "per_year", electricity, used=used)
        line("facility", "per_year", clean * v["facility.requalification"], used=used)
        line("facility", "per_year", clean * v[f"facility.cleaning_{grade_suffix(q)}"], used=used)
        line("facility", "per_year", sum(built) * v["facility.maintenance_share"], used=used)
        line("facility", "per_year", sum(built) * v["facility.insurance_share"], used=used)
        if tenure != "build":
            q["rent"] = (v["facility.rent"] + v["facility.rent_pass_through"]) * gross
            line("facility", "per_year", q["rent"], used=used)
    if tenure == "host_hospital":
        room_days = lots * q["room_days"] / q["at_one_time"]
        line("facility", "per_lot", room_days * v["facility.room_day_price"])
    if cdmo:
        asset("facility", "onboarding", v["facility.contract_onboarding_price"], "facility.contract_life")
        line("facility", "per_lot", lots * v["facility.contract_lot_price"])
    else:
        line("facility", "per_lot", lots * q["room_entries"] * v[f"facility.gown_price_{grade_suffix(q)}"])
        line("facility", "per_lot", lots * v["facility.waste_price"])

    # equipment
    for device in recipe["devices"]:
        fee = v.get(f"equipment.licences.{device['id']}.fee")
        if fee is not None:
            line("equipment", "per_year", fee)
    research = choice["instruments"] == "research" and not cdmo
    q["own_devices"] = [device["id"] for device in recipe["devices"] if device["use"] == "steps"]
    q["transition_price"] = v["regulatory.comparability_price"] if research else 0.0
    q["transition_months"] = v["regulatory.comparability_months"] if research else 0.0
    for device in recipe["devices"]:
        if cdmo:
            break
        kind = "devices" if device["use"] == "steps" else "fittings"
        worth = q["devices"][device["id"]] * v[f"capacity.{kind}.{device['id']}.price"]
        if kind == "devices" and choice["instruments"] == "research":
            q["transition_price"] += worth * (1 + v["equipment.qualification_share"])
            worth *= v["equipment.research_price_share"]
        line("equipment", "per_year", worth * v["equipment.service_share"], used=q["devices_used"])
        amount = worth * (1 + v["equipment.qualification_share"])
        asset("equipment", device["id"], amount, "equipment.life", used=q["devices_used"])

    # 9. monitoring
    if not cdmo:
        price = v["monitoring.plate_price"]
        for count in q["plates_per_lot"].values():
            line("monitoring", "per_lot", count * lots * price)
        line("monitoring", "per_year", q["routine_plates"] * price)
        one_lot = consumables + closed_sets + connected + one_vector
        for basis, (taken, excursions) in q["monitored"].items():
            isolates = taken * v["monitoring.positive_share"]
            line("monitoring", basis, isolates * v["monitoring.identification_price"])
            line("monitoring", basis, excursions * v["monitoring.excursion_price"])
            line("monitoring", basis, excursions * v["monitoring.lots_lost_per_excursion"] * one_lot)
            if choice["plate_reading"] == "outsourced":
                line("monitoring", basis, taken * v["monitoring.outsourced_reading_price"])
        if choice["plate_reading"] == "in_house":
            line("monitoring", "per_year", 12 * v["monitoring.laboratory_price"])
        instruments = [
            (q["own_suites"] * v["monitoring.system_price"], used),
            (suites * v["monitoring.air_sampler_price"], used),
            (v["monitoring.portable_counter_price"], None),
        ]
        if q["any_open"]:
            instruments.append((suites * v["monitoring.particle_counter_price"], used))
        for number, (amount, share) in enumerate(instruments):
            asset("monitoring", number, amount, "monitoring.instrument_life", used=share)
        upkeep = v["monitoring.upkeep_share"] * sum(amount for amount, _ in instruments)
        line("monitoring", "per_year", upkeep)

    # apheresis and logistics
    collections, collected = q["aphereses"], q["collected"]
    line("apheresis", "per_patient", collections * v["logistics.collection_price"])
    line("apheresis", "per_patient", collected * v["logistics.line_placement_price"])
    if choice["apheresis"] == "frozen":
        line("apheresis", "per_patient", collections * v["logistics.freezing_price"])
    trip_out = {
        "local": "local_courier_price",
        "domestic": "dry_shipper_domestic_price",
        "international": "dry_shipper_international_price",
    }[choice["lane"]]
    trip_in = trip_out
    if choice["apheresis"] == "fresh" and choice["lane"] != "international":
        trip_in = {"local": "local_courier_price", "domestic": "fresh_courier_price"}[choice["lane"]]
    line("logistics", "per_patient", collections * v[f"logistics.{trip_in}"])
    line("logistics", "per_dose", doses * v[f"logistics.{trip_out}"])
    excursions = (collections + doses) * v["logistics.transport_excursion_share"]
    line("logistics", "per_lot", excursions * v["logistics.transport_excursion_price"])
    line("logistics", "per_dose", doses * v["logistics.storage_months"] * v["logistics.storage_price"])
    line("logistics", "per_year", v["logistics.identity_platform_price"])
    line("logistics", "per_patient", collected * v["logistics.identity_patient_price"])
    line("logistics", "per_patient", collected * v["logistics.label_price"])
    for name in ("site_onboarding_price", "lane_validation_price"):
        amount = v["logistics.clinical_sites"] * v[f"logistics.{name}"]
        asset("logistics", name, amount, "logistics.validation_life")

    # overhead
    line("overhead", "per_year", v["overhead.site_overhead"] * (wages["operator"] + wages["supervisor"]))
    total_heads = sum(q["heads"].values())
    joiners = total_heads * v["people.attrition"]
    line("overhead", "per_year", joiners * v["people.training_cost"])
    salaries = sum(q["heads"][role] * v[f"people.roles.{role}.salary"] for role in ROLES) * v["people.salary_level"]
    line("overhead", "per_year", joiners * v["people.recruitment_share"] * salaries / total_heads)
    invested = sum(entry["amount"] for entry in assets)
    line("overhead", "capital_charge", v["overhead.capital_charge"] * invested / 2)

    q.update(lines=lines, assets=assets, invested=invested, wages=sum(wages.values()))


def months_to_first_lot(v, choice):
    """8: from the order to the first lot."""
    if choice["tenure"] == "cdmo":
        return v["facility.contract_onboarding_months"]
    own = {"build": "build", "lease": "lease", "pod": "pod", "host_hospital": "host"}[choice["tenure"]]
    return v[f"facility.{own}_months"] + v["facility.qualification_months"] + v["facility.licence_months"]


def year(v, scenario, patients, plant=None):
    """One year at one rate: a flat dictionary of everything the page names."""
    choice = scenario["choices"]
    recipe = made(choice["platform"], choice["delivery"], scenario.get("step_edits", {}).get("optional", []))
    q = {"patients": patients, "panel": panel_of(v, choice, recipe)}
    q["operations"] = [step["operation"] for step in recipe["steps"] if step.get("operation")]
    process(v, choice, scenario["steps"], recipe, q)
    cells(v, q, recipe)
    capacity(v, choice, recipe, q, patients, plant)
    q.update(funnel(v, choice, q, q["admitted"], q["slot_wait_days"]))
    q["not_admitted"] = patients - q["admitted"]
    plates(v, choice, q)
    people(v, choice, q)
    ledger(v, choice, recipe, q)
    q["months_to_first_lot"] = months_to_first_lot(v, choice)
    return q


# --- 10. What a dose costs ---------------------------------------------------------------------------------------


def totals(q, choice):
    """Cost per unit, by boundary, category, step and basis."""
    inside, lists = [], {}
    for boundary, categories in BOUNDARIES.items():
        inside = [*inside, *categories]
        lists[boundary] = inside
    f = q["lot_failure_rate"]
    number = {
        "stage_wise": q["patients_infused"],
        "times_one_plus_f": q["lots_started"] / (1 + f),
        "divided_by_one_minus_f": q["lots_started"] * (1 - f),
    }[choice["failure_convention"]]
    within = lists[choice["boundary"]]
    annual = dict.fromkeys(lists["fully_loaded"], 0.0)
    basis = {}
    steps = {}
    fixed = 0.0
    for entry in q["lines"]:
        annual[entry["category"]] += entry["annual"]
        basis[entry["basis"]] = basis.get(entry["basis"], 0.0) + entry["annual"]
        if entry["category"] in within:
            steps[entry["step"]] = steps.get(entry["step"], 0.0) + entry["annual"]
            fixed += entry["annual"] if entry["basis"] in FIXED else 0.0
    total = sum(annual[category] for category in within)

    def per(count, amount=total):
        return amount / count if count > 0 else None

    return {
        "cost": {
            "per_lot_started": per(q["lots_started"]),
            "per_dose_released": per(q["doses_released"]),
            "per_patient_infused": per(number),
            "annual_total": total,
            "fixed_share": fixed / total,
            "boundaries": {
                name: per(number, sum(annual[category] for category in categories))
                for name, categories in lists.items()
            },
        },
        "categories": {category: per(number, annual[category]) for category in within},
        "steps": {step: per(number, amount) for step, amount in steps.items()},
        "ledger": {"by_category": annual, "by_basis": basis},
    }


# --- 11. The plan by month ---------------------------------------------------------------------------------------


NEW_CHOICE = {
    "switch_platform": lambda d: {"platform": d["platform"]},
    "adopt_sterility": lambda d: {"sterility": d["sterility"]},
    "go_electronic": lambda d: {"record": "electronic"},
    "gmp_instruments": lambda d: {"instruments": "gmp"},
    "buy": lambda d: {},
    "build": lambda d: {},
    "open_hub": lambda d: {},
}


def of_kind(plan_, *kinds):
    """Decisions of some kinds by month; a plan may have none."""
    return sorted((d for d in plan_.get("decisions", []) if d["kind"] in kinds), key=lambda d: d["month"])


def cash_cost(lines):
    """A year's lines but capital charges."""
    return sum(entry["annual"] for entry in lines if entry["basis"] != "capital_charge")


def rates_of(plan_):
    """Every phase, one of growing demand once for each year to the horizon: number of the phase, years since."""
    found = []
    for number, phase in enumerate(plan_["phases"]):
        years = math.ceil(plan_["horizon_months"] / 12) if phase.get("demand") == "growing" else 1
        found += [(number, since) for since in range(years)]
    return found


def with_devices_for_its_ceiling(scenario, v, full):
    """What is bought of a plant where some demand grows: other devices for all that it can make."""
    if scenario["choices"]["tenure"] == "cdmo":
        return full
    if not any(phase.get("demand") == "growing" for phase in scenario["plan"]["phases"]):
        return full
    per_patient = full["planned"] / full["admitted"] if full["admitted"] else math.inf
    most = year(v, scenario, full["ceiling"] / per_patient, (full["suites"], full["limiting_devices"]))
    return {**full, "assets": most["assets"], "invested": most["invested"]}


def beside_the_first(assets, choice, hub):
    """Of what a site has been bought, what a second one is bought too."""
    own = choice["testing"] == "in_house" and choice["tenure"] != "cdmo"
    for asset in assets:
        if asset["category"] == "logistics" or (asset["key"] == ("quality", "validation") and not own):
            continue
        yield {**asset, "key": (hub["id"], *asset["key"])}


def plants_of(scenario, v, full):
    """The plant at first and after each change: its year as sized, the years of every rate on all sites, its assets."""
    plants = []
    more, hubs, already = {"devices": 0, "suites": 0}, [], 0.0
    for decision in [None, *of_kind(scenario["plan"], *NEW_CHOICE)]:
        kind = decision["kind"] if decision else None
        if kind is None:
            here, inputs, whole, one_site = scenario, v, full, full
        else:
            choices = {**plants[-1]["scenario"]["choices"], **NEW_CHOICE[kind](decision)}
            here = {**scenario, "choices": choices}
            inputs = inputs_of(here)
            if kind == "switch_platform":
                more, already = {"devices": 0, "suites": 0}, sum(hub["share_of_demand"] for hub in hubs)
            if kind == "open_hub":
                hubs = [*hubs, decision]
            more = {unit: count + decision.get(unit, 0) for unit, count in more.items()}
            one_site = whole = year(inputs, here, inputs["demand.patients_per_year"])
            sized_for = inputs["demand.patients_per_year"] * max(0.0, 1 - already)
            if already:
                whole = year(inputs, here, sized_for)
            if any(more.values()):
                enlarged = (whole["suites"] + more["suites"], whole["limiting_devices"] + more["devices"])
                whole = year(inputs, here, sized_for, enlarged)
        taken = sum(hub["share_of_demand"] for hub in hubs)
        sites = [(whole, max(0.0, 1 - taken) if hubs else 1.0)]
        for hub in hubs:
            anew = {**here, "choices": {**here["choices"], "sizing": "size_for_demand"}}
            rate = inputs["demand.patients_per_year"] * hub["share_of_demand"]
            sites.append((year(inputs, anew, rate), hub["share_of_demand"]))
        phases = []
        for number, since in rates_of(scenario["plan"]):
            phase = scenario["plan"]["phases"][number]
            w = inputs_of(here, phase["stage"])
            rate = inputs["demand.patients_per_year"] * phase["share_of_demand"]
            rate *= (1 + w["demand.growth_per_year"]) ** since
            runs = [year(w, here, rate * share, (q["suites"], q["limiting_devices"])) for q, share in sites]
            entry = {"inputs": w, "lines": [line for run in runs for line in run["lines"]]}
            for name in ("patients", "not_admitted", "patients_infused", "collected"):
                entry[name] = sum(run[name] for run in runs)
            entry["revenue"] = sum(income(inputs, phase["revenue"], run) for run in runs)
            phases.append(entry)
        built = [with_devices_for_its_ceiling(here, inputs, q) for q, _ in sites]
        assets = list(built[0]["assets"])
        for hub, site in zip(hubs, built[1:], strict=True):
            assets += beside_the_first(site["assets"], here["choices"], hub)
        plant = {"decision": decision, "scenario": here, "v": inputs, "full": built[0], "phases": phases}
        plant |= {"assets": assets, "rent": sum(site["rent"] for site in built), "one_site": one_site}
        plant |= {"hubs": hubs, "newest": sites[-1][0]}
        plant["ceiling"] = 0.0 if here["choices"]["tenure"] == "cdmo" else sum(site["ceiling"] for site in built)
        plants.append(plant)
    return plants


def income(v, kind, run):
    """A year's revenue."""
    paid = run["patients_infused"] - run["infused_out_of_specification"] * (1 - v["losses.out_of_specification_paid"])
    price = {
        "none": 0.0,
        "charge_back": v["finance.charge_back_price"],
        "price": v["finance.paid_share"] * v["finance.list_price"] * (1 - v["finance.gross_to_net"]),
    }
    return paid * price[kind]


def latest(starts, t):
    """Number of the phase that runs in a month."""
    found = 0
    for index, start in enumerate(starts):
        if start <= t:
            found = index
    return found


def at(plan_, starts, t):
    """Number of the rate that holds in a month: the phase that runs, and the year of it where its demand grows."""
    rates = rates_of(plan_)
    number = latest(starts, t)
    since = max(0, t - starts[number]) // 12
    return max(i for i, rate in enumerate(rates) if rate[0] == number and rate[1] <= since)


def one_change(before, after, owned, starts):
    """11.1: what a change costs, what it adds to the assets owned, and how long it takes."""
    decision, v, full = after["decision"], after["v"], after["full"]
    choice = after["scenario"]["choices"]
    kind = decision["kind"]
    number = at(after["scenario"]["plan"], starts, decision["month"])
    w = after["phases"][number]["inputs"]
    own = choice["tenure"] != "cdmo"
    sites = 1 + len(after["hubs"])

    anew = set()
    if kind == "gmp_instruments":
        devices = {("equipment", name) for name in full["own_devices"]}
        anew = {asset["key"] for asset in after["assets"] if asset["key"][-2:] in devices}
    elif kind == "switch_platform" and not own:
        anew = {asset["key"] for asset in after["assets"] if asset["category"] == "facility"}
    needed = {asset["key"]: asset["amount"] for asset in after["assets"]}
    for lot in owned:
        keeps = 0.0
        if lot["key"] in needed and lot["key"] not in anew:
            keeps = min(lot["keeps"][-1], needed[lot["key"]])
            needed[lot["key"]] -= keeps
        lot["keeps"].append(keeps)
    added = [{**asset, "amount": needed[asset["key"]]} for asset in after["assets"]]
    rooms = sum(asset["amount"] for asset in added if asset["category"] == "facility")
    build = full["months_to_first_lot"] if rooms > 0 or kind == "open_hub" else v["facility.qualification_months"]
    if kind == "build" and own:
        build = full["months_to_first_lot"] - v["facility.licence_months"]

    a_lot = cash_cost(after["one_site"]["lines"]) / after["one_site"]["lots_started"]
    lots = w["regulatory.engineering_runs"] + w["regulatory.validation_lots"]
    shown = w["regulatory.comparability_months"]
    price = w["regulatory.comparability_price"] + w["regulatory.filings.process.price"]
    if kind in ("switch_platform", "open_hub") and own:
        price += w["regulatory.transfer_price"] * (sites if kind == "switch_platform" else 1)
        shown = max(shown, w["regulatory.transfer_months"])
    if kind == "open_hub":
        team = year(v, after["scenario"], 0.0, (after["newest"]["suites"], after["newest"]["limiting_devices"]))[
            "wages"
        ]
        price += lots * a_lot + min(w["people.training_months"], build) * team / 12
        months = max(build, shown + w["regulatory.filings.process.months"])
    elif kind in ("switch_platform", "gmp_instruments"):
        lines = before["phases"][number]["lines"]
        stock = sum(entry["annual"] for entry in lines if entry["category"] in ("materials", "vector")) / 12
        price += sites * lots * a_lot + w["regulatory.parallel_stock_months"] * stock
        months = max(shown, build) + w["regulatory.filings.process.months"]
    elif kind in ("buy", "build"):
        price, months = 0.0, build
    elif kind == "adopt_sterility":
        price = w[f"quality.tests.sterility_{choice['sterility']}.validation_price"]
        price *= sites if own and choice["testing"] == "in_house" else 1
        price += w["regulatory.filings.method.price"]
        months = w["regulatory.method_validation_months"] + w["regulatory.filings.method.months"]
    else:
        price = w["regulatory.record_validation_price"] + w["regulatory.filings.record.price"]
        months = w["regulatory.record_validation_months"] + w["regulatory.filings.record.months"]
    skipped = "quality" if kind in ("adopt_sterility", "go_electronic") else None
    bought = sum(asset["amount"] for asset in added if asset["key"][-2:] != (skipped, "validation"))
    return {
        "price": price,
        "months": max(1, up(months)),
        "exact": months,
        "bought": bought,
        "build": max(1, up(build)),
        "rent": max(0.0, after["rent"] - before["rent"]) / 12,
        "ceiling": after["ceiling"],
        "added": added,
    }


def plan(scenario, v, full):
    """The months, and what they say about the money."""
    plan_ = scenario["plan"]
    new = plan_["plant"] == "new"
    order = plan_["plant_order_month"] if new else 1
    ready = order + up(full["months_to_first_lot"]) if new else 1
    horizon = plan_["horizon_months"]

    starts, month, waited = [], 1, False
    for phase in plan_["phases"]:
        if phase["share_of_demand"] > 0 and not waited:
            month, waited = max(month, ready), True
        starts.append(month)
        month += phase["months"]

    plants = plants_of(scenario, v, full)
    team = year(v, scenario, 0.0, (full["suites"], full["limiting_devices"]))["wages"]
    full = plants[0]["full"]
    owned = [{**asset, "since": ready, "keeps": [asset["amount"]]} for asset in full["assets"]]
    changes, last = [], 0
    for before, after in itertools.pairwise(plants):
        change = one_change(before, after, owned, starts)
        change["from"] = after["decision"]["month"]
        change["until"] = last = max(last, change["from"] + change["months"])
        for asset in change["added"]:
            keeps = [0.0] * (len(changes) + 1) + [asset["amount"]]
            owned.append({**asset, "since": last, "keeps": keeps})
        if after["decision"]["kind"] in ("switch_platform", "gmp_instruments"):
            later = [start for start in starts if start > change["from"]]
            wait = max(0, last - later[0]) if later else 0
            starts = [start + wait if start > change["from"] else start for start in starts]
        changes.append(change)

    def in_use(t):
        return sum(1 for change in changes if t >= change["until"])

    def used(t, category):
        """What the plant uses in a month of materials or vector."""
        if t < ready:
            return 0.0
        lines = plants[in_use(t)]["phases"][at(plan_, starts, t)]["lines"]
        return sum(entry["annual"] for entry in lines if entry["category"] == category) / 12

    cover = {"materials": v["materials.stock_months"], "vector": v["materials.vector_stock_months"]}
    shelf = {name: 0.0 if new else number * used(1, name) for name, number in cover.items()}

    months = []
    balance = plan_["opening_cash"]
    delay = down(v["finance.payment_months"])
    for t in range(1, horizon + 1):
        index = latest(starts, t)
        people = {"asking": 0.0, "refused": 0.0, "infused": 0.0}
        flow = {"research": 0.0, "administration": 0.0, "clinical": 0.0, "plant": 0.0, "change": 0.0}
        phase, run = plan_["phases"][index], plants[in_use(t)]["phases"][at(plan_, starts, t)]
        flow["research"] = phase["research_per_month"]
        flow["administration"] = phase["administration_per_month"]
        if t >= ready:
            people["asking"], people["refused"] = run["patients"] / 12, run["not_admitted"] / 12
            people["infused"] = run["patients_infused"] / 12
            flow["clinical"] = phase["clinical_per_patient"] * run["collected"] / 12
            flow["plant"] = cash_cost(run["lines"]) / 12
        revenue, sales = 0.0, 0.0
        earned = t - delay
        if earned >= 1 and earned >= ready:
            then = latest(starts, earned)
            revenue = plants[in_use(earned)]["phases"][at(plan_, starts, earned)]["revenue"] / 12
            made = [decision for decision in of_kind(plan_, "price_change") if decision["month"] <= earned]
            revenue *= made[-1]["price_factor"] if made else 1.0
            if plan_["phases"][then]["revenue"] == "price":
                sales = revenue
                flow["plant"] += v["finance.royalty"] * revenue
        for decision in of_kind(plan_, "hire"):
            if decision["month"] <= t:
                salary = v[f"people.roles.{decision['role']}.salary"] * v["people.salary_level"]
                flow["plant"] += decision["heads"] * salary * (1 + v["people.burden"]) / 12
        capital = 0.0
        if new:
            bought = max(ready, order + 1)
            if order <= t < bought:
                capital += full["invested"] / (bought - order)
            if order <= t < ready:
                flow["plant"] += full["rent"] / 12
            if ready - v["people.training_months"] <= t < ready:
                flow["plant"] += team / 12
        for change in changes:
            if change["from"] <= t < change["until"]:
                length = change["until"] - change["from"]
                flow["change"] += change["price"] / length + change["rent"]
                lead = min(length, change["build"])
                if t < change["from"] + lead:
                    capital += change["bought"] / lead
        for entry in owned:
            span, since = 12 * entry["life"], entry["since"]
            times = down(max(0, t - since) / span) - down(max(0, t - 1 - since) / span)
            kept = entry["keeps"][in_use(t)]
            capital += kept * times
        received = 0.0
        for receipt in plan_["receipts"]:
            if receipt["month"] <= t < receipt["month"] + receipt["instalments"]:
                received += receipt["amount"] / receipt["instalments"]
        service = 0.0
        for loan in of_kind(plan_, "debt"):
            received += loan["amount"] if loan["month"] == t else 0.0
            after, rate, parts = t - loan["month"], loan["yearly_interest"] / 12, loan["repayment_months"]
            if 1 <= after <= loan["interest_only_months"]:
                service += loan["amount"] * rate
            elif loan["interest_only_months"] < after <= loan["interest_only_months"] + parts:
                if rate:
                    service += loan["amount"] * rate / (1 - (1 + rate) ** -parts)
                else:
                    service += loan["amount"] / parts
        shelf_before, taken = sum(shelf.values()), sum(used(t, name) for name in cover)
        for name, number in cover.items():
            shelf[name] = max(number * used(t + 1, name), shelf[name] - used(t, name))
        stock = sum(shelf.values()) - shelf_before
        out = sum(flow.values()) + capital + service + stock
        closing = balance + received + revenue - out
        months.append(
            {
                "month": t,
                "opening": balance,
                "received": received,
                "revenue": revenue,
                "sales": sales,
                **flow,
                "capital": capital,
                "debt_service": service,
                "stock": stock,
                "stock_opening": shelf_before,
                "stock_received": taken + stock,
                "stock_used": taken,
                "stock_closing": sum(shelf.values()),
                "in": received + revenue,
                "out": out,
                "closing": closing,
                **{f"patients_{name}": number for name, number in people.items()},
            }
        )
        balance = closing

    floor = plan_["floor"]
    runway = next((entry["month"] for entry in months if entry["closing"] < floor), None)
    lowest, lowest_month = plan_["opening_cash"], 0
    for entry in months:
        if entry["closing"] < lowest:
            lowest, lowest_month = entry["closing"], entry["month"]
    early = months[: plan_["flat_burn_months"]]
    burn = sum(entry["out"] - entry["capital"] - entry["revenue"] for entry in early) / len(early)
    milestones = []
    for phase, start in zip(plan_["phases"], starts, strict=True):
        last = start + phase["months"] - 1
        low = min([plan_["opening_cash"], *(entry["closing"] for entry in months if entry["month"] <= last)])
        milestones.append({"id": phase["id"], "start": start, "month": last, "gap": max(0.0, floor - low)})
    discount = 1 + v["finance.discount_rate"]
    npv = sum(
        (entry["revenue"] - entry["out"] + entry["debt_service"]) / discount ** (entry["month"] / 12)
        for entry in months
    )
    return {
        "months": months,
        "ready": ready,
        "runway_months": runway,
        "flat_burn_runway_months": max(0.0, plan_["opening_cash"] - floor) / burn if burn > 0 else None,
        "lowest_balance": lowest,
        "lowest_month": lowest_month,
        "funding_gap": max(0.0, floor - lowest),
        "milestones": milestones,
        "changes": [
            {"month": change["from"], "takeover": change["until"], "capital": change["bought"], "rent": change["rent"]}
            | {"cost": {"price": change["price"], "months": change["exact"]}, "ceiling": change["ceiling"]}
            for change in changes
        ],
        "npv": npv,
    }


def irr(months):
    """11: the yearly rate where NPV is zero, if it crosses zero once between -90 % and 1,000 %; else None."""

    def worth(rate):
        factor = (1 + rate) ** (-1 / 12)
        total = 0.0
        for entry in reversed(months):
            total = (total + entry["revenue"] - entry["out"] + entry["debt_service"]) * factor
        return total

    rates = [0.1 * 110 ** (n / 400) - 1 for n in range(401)]
    values = [worth(rate) for rate in rates]
    crossings = [n for n in range(400) if (values[n] < 0) != (values[n + 1] < 0)]
    if len(crossings) != 1:
        return None
    low, high = rates[crossings[0]], rates[crossings[0] + 1]
    rising = values[crossings[0]] < 0
    for _ in range(80):
        middle = (low + high) / 2
        if (worth(middle) < 0) == rising:
            low = middle
        else:
            high = middle
    return (low + high) / 2


# --- 12. Evidence shares -----------------------------------------------------------------------------------------


def evidence(scenario):
    """The share of the headline's sensitivity that each evidence grade carries; `own` is the user's."""
    fractional = {**scenario, "choices": {**scenario["choices"], "heads": "fractional"}}
    choice = fractional["choices"]
    rows = rows_in_use(*(choice[name] for name in ("platform", "setting", "stage", "record", "delivery")))

    def headline(nudged=None):
        v = inputs_of(fractional, nudged=nudged)
        return totals(year(v, fractional, v["demand.patients_per_year"]), choice)["cost"]["per_patient_infused"]

    base = headline()
    weights = {}
    for name, row in rows.items():
        if name not in DECISIONS:
            grade = "own" if name in fractional["inputs"] else row["grade"]
            weights[grade] = weights.get(grade, 0.0) + abs(headline(name) - base)
    total = sum(weights.values())
    return {grade: weight / total for grade, weight in weights.items()}


# --- The scenario ------------------------------------------------------------------------------------------------

FUNNEL = (
    "patients",
    "not_admitted",
    "admitted",
    "lost_slot_wait",
    "collected",
    "lost_before_start",
    "rejected_on_receipt",
    "first_lots",
    "remade",
    "lots_started",
    "lots_failed",
    "failed_patient_material",
    "failed_handling",
    "failed_device",
    "failed_contamination",
    "failed_specification",
    "doses_released",
    "released_out_of_specification",
    "infused_out_of_specification",
    "aphereses",
    "lost_shipment",
    "lost_wait_for_infusion",
    "patients_infused",
    "lot_failure_rate",
    "release_days",
    "vein_to_vein_days",
)
PROCESS = (
    "process_days",
    "room_days",
    "operator_hours",
    "open_manipulations",
    "open_sessions",
    "open_hours",
    "open_session_exits",
    "room_entries",
    "closed_connections",
    "days_after_transfer",
)
CAPACITY = (
    "suites",
    "devices",
    "suites_used",
    "devices_used",
    "ceiling_suites",
    "ceiling_devices",
    "ceiling",
    "room_grade",
    "slot_wait_days",
    "months_to_first_lot",
    "invested",
    "operating_days",
    "transition_price",
    "transition_months",
)


def evaluate(scenario):
    """Everything the page computes for one scenario, given as parsed JSON, as nested plain data."""
    v = inputs_of(scenario)
    q = year(v, scenario, v["demand.patients_per_year"])
    return {
        **totals(q, scenario["choices"]),
        "process": {name: q[name] for name in PROCESS},
        "cells": q["cells"],
        "funnel": {name: q[name] for name in FUNNEL},
        "capacity": {name: q[name] for name in CAPACITY},
        "people": {"heads": q["heads"], "total": sum(q["heads"].values()), "used": q["used"]},
        "monitoring": {
            "plates_per_lot": q["plates_per_lot"],
            "plates_per_year": q["plates_per_year"],
            "routine_plates": q["routine_plates"],
        },
        "cash": plan(scenario, v, q),
    }
