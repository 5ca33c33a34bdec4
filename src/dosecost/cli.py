"""The command line: ``dosecost evaluate``, ``check``, ``bridge``, ``capacity``, ``strategy``, ``explain``,
``report``, ``workbook`` and ``cases``."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dosecost import feasibility, inputs, scenario, strictjson
from dosecost.analysis.bridge import bridge, cost_per_patient
from dosecost.analysis.cases import CASES, ROLL_UP, Replayed, replay
from dosecost.analysis.cases import load as load_cases
from dosecost.analysis.journey import journey
from dosecost.analysis.queueing import Simulation, simulate
from dosecost.analysis.queueing_design import Runs, design_of
from dosecost.analysis.queueing_forms import prepare
from dosecost.analysis.queueing_promise import WAIT_LIMIT_DAYS, Promise, promise
from dosecost.analysis.strategy import NEVER
from dosecost.contract import (
    as_data,
    capacity_data,
    cases_data,
    flat_burn_runway_months,
    runway_months,
    strategy_data,
)
from dosecost.errors import InputError
from dosecost.evaluation import Evaluation, evaluate
from dosecost.explain import Figures, Part, explain_data
from dosecost.scenario import Scenario

BAD_INPUT = 2
NOT_POSSIBLE = 1
WHERE = "command line"
WORKBOOK = ".xlsx"
SHOWN = 60


def parsed_value(key: str, text: str) -> object:
    """The value of ``--set KEY=VALUE``: text for a choice or a name, else a number."""
    head = key.partition(".")[0]
    if key in scenario.CHOICE_NAMES or head == "steps" or key in ("name", "description"):
        return text
    try:
        parsed = strictjson.parse(f'{{"value": {text}}}', WHERE)
    except InputError:
        parsed = {}
    if list(parsed) == ["value"] and parsed["value"] is not None:
        return parsed["value"]
    if head == "plan":
        return text
    raise InputError(WHERE, key, f"{text[:SHOWN]!r} is not a number")


def loaded(name: str) -> Scenario:
    """A shipped scenario, a scenario file, or a workbook read back; what was changed in a workbook is said."""
    if not name.endswith(WORKBOOK):
        return scenario.load(name)
    from dosecost.workbook import reading

    try:
        book = Path(name).read_bytes()
    except OSError as error:
        raise InputError(name, "", f"cannot be read: {error.strerror}") from None
    found = reading.read(book, Path(name).name)
    print(f"note: {Path(name).name}: {reading.in_words(found.changes)}", file=sys.stderr)
    return found.scenario


def with_settings(loaded: Scenario, settings: Sequence[str]) -> Scenario:
    """The scenario with every ``KEY=VALUE`` applied; a key set twice is refused."""
    changes: dict[str, object] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals:
            raise InputError(WHERE, setting, "needs the form KEY=VALUE")
        if key in changes:
            raise InputError(WHERE, key, "is set twice")
        changes[key] = parsed_value(key, text)
    return scenario.with_changes(loaded, changes, WHERE)


def summary(e: Evaluation) -> str:
    """A few lines for a person: the three costs, the plant, the cash."""
    currency, cost = e.scenario.currency, e.cost
    lasts = runway_months(e)
    flat = flat_burn_runway_months(e)
    return "\n".join(
        [
            f"{e.scenario.name}  ({e.scenario.digest})",
            f"  per patient infused  {currency} {cost.per_patient_infused:>12,.0f}   {e.scenario.choices.boundary}",
            f"  per dose released    {currency} {cost.per_dose_released:>12,.0f}",
            f"  per lot started      {currency} {cost.per_lot_started:>12,.0f}",
            *(f"    {name:<18} {currency} {amount:>12,.0f}" for name, amount in cost.categories.items()),
            f"  cost of failure      {currency} {journey(e).cost_of_failure:>12,.0f}   bought and lost, per patient",
            f"  patients infused     {e.results.funnel.patients_infused:.1f} of {e.results.funnel.patients:g} a year",
            f"  plant                {e.results.plant.suites:.0f} suites grade {e.results.grade}, "
            f"{e.results.heads.total:.0f} people",
            "  runway               "
            + (
                f"below the floor in month {lasts}"
                if lasts
                else f"at least {e.scenario.plan.horizon_months:.0f} months"
            )
            + (f"; flat burn {flat:.0f} months" if flat is not None else "; no burn at the start"),
        ]
    )


def run_evaluate(arguments: argparse.Namespace) -> int:
    """Print one result, as text or JSON."""
    e = evaluate(with_settings(loaded(arguments.scenario), arguments.set))
    print(json.dumps(as_data(e), allow_nan=False, indent=1) if arguments.json else summary(e))
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Print the findings, and whether the file was edited since it was saved; exit 1 where one is an error."""
    path = Path(arguments.scenario)
    if path.is_file() and path.suffix != WORKBOOK and scenario.edited(strictjson.read_text(path), path.name):
        print(f"note: {path.name}: was edited since it was saved (its digest is another)")
    found = feasibility.check(evaluate(with_settings(loaded(arguments.scenario), arguments.set)))
    for finding in found:
        print(f"{finding.level}: {finding.about}: {finding.text}")
    if not found:
        print("no remarks")
    return NOT_POSSIBLE if any(finding.level == "error" for finding in found) else 0


def run_bridge(arguments: argparse.Namespace) -> int:
    """Print what each difference between two scenarios contributes to the cost per patient infused."""
    a, b = loaded(arguments.scenario), loaded(arguments.other)
    bars = bridge(a, b)
    before, after = cost_per_patient(a), cost_per_patient(b)
    if arguments.json:
        moved = {bar.key: bar.contribution for bar in bars}
        print(json.dumps({"currency": a.currency, "from": before, "to": after, "contributions": moved}, indent=1))
        return 0
    print(f"{a.name:<44} {a.currency} {before:>12,.0f}")
    for bar in bars:
        print(f"  {bar.label:<42} {a.currency} {bar.contribution:>+12,.0f}")
    print(f"{b.name:<44} {b.currency} {after:>12,.0f}")
    return 0


def run_explain(arguments: argparse.Namespace) -> int:
    """Print why a figure is what it is, or the names of all figures."""
    figures = Figures(with_settings(loaded(arguments.scenario), arguments.set))
    if not arguments.figure:
        print("\n".join(figures.names()))
        return 0
    why = figures.explain(arguments.figure)
    if arguments.json:
        print(json.dumps(explain_data(why), allow_nan=False, indent=1))
        return 0
    print(f"{why.name} = {shown(why.part)}")
    print(f"  {why.meaning}")
    for line in (why.note, f"= {why.in_words}" if why.formula else "", f"= {why.formula}" if why.formula else ""):
        if line:
            print(f"  {line}")
    if why.part.grade:
        print(f"  {evidence(why.part)}")
    for part in why.parts:
        print(f"  {part.name:<50} {shown(part)}{'  ' + evidence(part) if part.grade else ''}")
    if why.leads_to:
        print(f"  leads to {', '.join(why.leads_to)}")
    return 0


def shown(part: Part) -> str:
    """The value of a figure with its unit: a number at ten digits, a text, or none."""
    value = (
        f"{part.value:.10g}" if isinstance(part.value, (int, float)) else "none" if part.value is None else part.value
    )
    return f"{value} {part.unit}".strip() if isinstance(part.value, (int, float)) else str(value)


def evidence(part: Part) -> str:
    """Grade and source of an input."""
    return f"grade {part.grade}: {part.label}. {part.source}"


def cases_summary(found: Sequence[Replayed]) -> str:
    """One line for each printed result: printed, ours, difference, verdict; then what is not replayed."""
    lines, case = [], None
    for one in found:
        if one.case is not case:
            case = one.case
            lines += ["", f"{case.title}  ({case.citation})", f"  {case.setting}; {case.boundary}"]
        result, verdict = one.result, "within" if one.within else "OUTSIDE"
        lines.append(
            f"  {one.kind:<10} {result.label[:58]:<58} {result.printed:>12,.6g} {one.ours:>12,.6g} "
            f"{one.difference:>+8.1%}  {verdict:<7} {result.unit}"
        )
        if not one.within and result.because:
            lines.append(f"             {result.because}")
    return "\n".join(lines)


def run_cases(arguments: argparse.Namespace) -> int:
    """Print every published result beside ours; exit 1 where a roll-up does not agree."""
    folders = [CASES, *([Path(arguments.folder)] if arguments.folder else [])]
    for folder in folders:
        if not folder.is_dir():
            raise InputError(str(folder), "", "no such folder")
    known = [case for folder in folders for case in load_cases(folder).values()]
    found = [one for case in known for one in replay(case)]
    if arguments.json:
        print(json.dumps([cases_data(one) for one in found], allow_nan=False, indent=1))
    else:
        print(cases_summary(found).strip())
        for case in known:
            for text in case.not_replayed:
                print(f"  not replayed: {case.id}: {text}")
    return NOT_POSSIBLE if any(not one.within and one.kind == ROLL_UP for one in found) else 0


def number(option: str, text: str) -> float:
    """The value of an option that takes a number."""
    value = parsed_value(option, text)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise InputError(WHERE, option, f"{text[:SHOWN]!r} is not a number")
    return value


def whole(option: str, text: str) -> int:
    """The value of an option that takes a whole number."""
    value = number(option, text)
    if value != int(value):
        raise InputError(WHERE, option, f"{text[:SHOWN]!r} is not a whole number")
    return int(value)


def capacity_summary(e: Evaluation, s: Simulation, kept: Promise) -> str:
    """A few lines for a person: loads, the wait and what it costs, what can be promised."""
    runs, design = s.runs, s.design
    loads = ", ".join(f"{name.replace('_', ' ')} {load:.0%}" for name, load in s.loads.items())
    lines = [
        f"{e.scenario.name}  ({e.scenario.digest})",
        f"  asked for            {design.patients_per_year:g} patients a year; {runs.replications} × {runs.years:g} "
        f"years after {runs.warm_up_years:g} of warm-up, seed {runs.seed}",
        f"  loads                {loads}",
    ]
    if s.unstable:
        lines.append(f"  no steady state      {s.binding} cannot do what is asked: the wait has no average")
    else:
        for name, label, unit in (
            ("slot_wait_p50", "wait for a slot, P50", " d"),
            ("slot_wait_p90", "wait for a slot, P90", " d"),
            ("slot_wait_mean", "mean wait", " d"),
            ("lost_slot_wait", "dropped out waiting", " a year"),
            ("lots_started", "lots started", " a year"),
            ("patients_infused", "patients infused", " a year"),
            ("vein_to_vein_days", "vein to vein", " d"),
        ):
            if name in s.figures:
                f = s.figures[name]
                lines.append(
                    f"  {label:<20} {f.mean:.1f}{unit} ({f.low:.1f} to {f.high:.1f}; one run in ten below {f.p10:.1f}, "
                    f"above {f.p90:.1f})"
                )
        lines.append(f"  mean wait, formula   {e.results.waits.slot:.1f} d in the main model")
        if not s.settled:
            lines.append("  note                 the wait still drifts: the run is too short, try more --years")
    limit = f"{kept.quantile:.0%} wait at most {kept.limit:g} d"
    if kept.at is None:
        lines.append(f"  promise              none: not even a few patients a year, if {limit}")
    else:
        doses = kept.at.figures["patients_infused"].mean
        lines.append(
            f"  promise              {kept.patients_per_year:.1f} patients a year ({kept.low:.1f} to {kept.high:.1f}), "
            f"{doses:.1f} infused, if {limit}"
        )
    return "\n".join(lines)


def run_capacity(arguments: argparse.Namespace) -> int:
    """Print the simulated queue at the scenario's rate, and the rate that keeps the wait within the limit."""
    runs = Runs(
        years=number("--years", arguments.years),
        warm_up_years=number("--warm-up", arguments.warm_up),
        replications=whole("--replications", arguments.replications),
        seed=whole("--seed", arguments.seed),
    )
    limit = number("--wait-limit", arguments.wait_limit)
    e = evaluate(with_settings(loaded(arguments.scenario), arguments.set))
    design = design_of(e)
    prepare(wait=True)
    simulation, kept = simulate(design, runs), promise(design, limit, runs=runs)
    if arguments.json:
        print(json.dumps(capacity_data(e, simulation, kept), allow_nan=False, indent=1))
    else:
        print(capacity_summary(e, simulation, kept))
    return 0


def strategy_summary(data: dict[str, Any]) -> str:
    """A line for each strategy, the best one, and the best month to switch."""
    currency, wide = data["currency"], max(len(row["name"]) for row in data["strategies"])
    lines = [
        f"{data['scenario']['name']}  ({data['scenario']['digest']})",
        f"  to the end of {data['milestone']}, with {currency} {data['funding'] / 1e6:,.1f} M at the opening and "
        f"{data['patients_per_year']:g} patients a year",
        f"  {'':<{wide}}{'a patient':>12}{'needed':>12}{'runway':>16}",
    ]
    for row in data["strategies"]:
        cost = "none" if row["cost_per_patient"] is None else f"{row['cost_per_patient']:,.0f}"
        need = "not known" if row["needed"] is None else f"{row['needed'] / 1e6:,.1f} M"
        lasts = "to the end" if row["runway_months"] is None else f"{row['runway_months']:.0f} months"
        mark = "*" if row["best"] else " "
        lines.append(f"{mark} {row['name']:<{wide}}{cost:>12}{need:>12}{lasts:>16}")
    if not any(row["best"] for row in data["strategies"]):
        lines.append("  nothing is feasible: no strategy reaches the milestone with cash left")
    for platform, found in data["switch"].items():
        when = "never" if found["best_month"] == NEVER else f"in month {found['best_month']}"
        worst = found["worst_regret"]
        lines.append(
            f"  switch to {platform}: best {when}; the worst month costs {currency} {worst:,.0f} a patient more"
        )
    return "\n".join(lines)


def run_strategy(arguments: argparse.Namespace) -> int:
    """Print every platform from the start and every switch, which of them is best, and when to switch."""
    data = strategy_data(with_settings(loaded(arguments.scenario), arguments.set), arguments.milestone)
    print(json.dumps(data, allow_nan=False, indent=1) if arguments.json else strategy_summary(data))
    return 0


def run_report(arguments: argparse.Namespace) -> int:
    """Write the report of a scenario; its base is the scenario as it stands without ``--set``, or the one named."""
    from dosecost_app import report, report_content

    asked = loaded(arguments.scenario)
    base = report_content.Base(report_content.AS_LOADED, asked)
    if arguments.base:
        other = loaded(arguments.base)
        base = report_content.Base(other.name.partition(":")[0], other)
    made = report.day(arguments.date, WHERE, "--date") if arguments.date else report.today()
    return _written(arguments.out, report.pdf(with_settings(asked, arguments.set), base, made))


def run_workbook(arguments: argparse.Namespace) -> int:
    """Write a scenario as an Excel workbook of live formulas."""
    from dosecost_app import report, workbook_file

    made = report.day(arguments.date, WHERE, "--date") if arguments.date else report.today()
    return _written(arguments.out, workbook_file.xlsx(with_settings(loaded(arguments.scenario), arguments.set), made))


def _written(name: str, document: bytes) -> int:
    """Write a file and print where it is."""
    out = Path(name)
    try:
        out.write_bytes(document)
    except OSError as error:
        raise InputError(str(out), "", f"cannot be written: {error.strerror}") from None
    print(out)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = argparse.ArgumentParser(prog="dosecost", description="Process economics of autologous cell therapy")
    commands = top.add_subparsers(dest="command", required=True)
    for name, run, text in (
        ("evaluate", run_evaluate, "cost, capacity, people and cash of one scenario"),
        ("check", run_check, "whether a scenario is possible; exit 1 on errors"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument("scenario", help=f"a file, or one of {', '.join(scenario.shipped())}")
        command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one key")
        command.set_defaults(run=run, json=False)
        if name == "evaluate":
            command.add_argument("--json", action="store_true", help="one JSON object")
    command = commands.add_parser("bridge", help="why two scenarios differ, adding up exactly")
    command.add_argument("scenario", help="the scenario to start from")
    command.add_argument("other", help="the scenario to arrive at")
    command.add_argument("--json", action="store_true", help="one JSON object")
    command.set_defaults(run=run_bridge)
    command = commands.add_parser("capacity", help="the simulated wait for a slot, and doses you can promise")
    command.add_argument("scenario", help=f"a file, or one of {', '.join(scenario.shipped())}")
    command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one key")
    runs = Runs()
    for option, default, text in (
        ("--wait-limit", WAIT_LIMIT_DAYS, "days that 90 of 100 patients wait at most for a slot"),
        ("--years", runs.years, "years counted"),
        ("--warm-up", runs.warm_up_years, "years before them that are not"),
        ("--replications", runs.replications, "independent runs"),
        ("--seed", runs.seed, "of the draws"),
    ):
        command.add_argument(option, default=f"{default:g}", metavar="N", help=f"{text} ({default:g})")
    command.add_argument("--json", action="store_true", help="one JSON object")
    command.set_defaults(run=run_capacity)
    command = commands.add_parser(
        "strategy", help="platforms and switches compared over the plan, best month to switch"
    )
    command.add_argument("scenario", help=f"a file, or one of {', '.join(scenario.shipped())}")
    command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one key")
    command.add_argument("--milestone", default="", metavar="PHASE", help="phase to reach the end of (the last one)")
    command.add_argument("--json", action="store_true", help="one JSON object")
    command.set_defaults(run=run_strategy)
    command = commands.add_parser("explain", help="why a figure is what it is: its formula, down to inputs and sources")
    command.add_argument("scenario", help=f"a file, or one of {', '.join(scenario.shipped())}")
    command.add_argument("figure", nargs="?", default="", help="cost.per_patient_infused, say; without it all names")
    command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one key")
    command.add_argument("--json", action="store_true", help="one JSON object")
    command.set_defaults(run=run_explain)
    command = commands.add_parser("report", help="two to four pages as PDF for a board or committee")
    command.add_argument("scenario", help=f"a file, or one of {', '.join(scenario.shipped())}")
    command.add_argument("out", help="the file to write, out.pdf say")
    command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one key")
    command.add_argument("--base", default="", metavar="SCENARIO", help="set it against another scenario than its own")
    command.add_argument("--date", default="", metavar="DAY", help="the day it is made, 2026-11-24 say (today)")
    command.set_defaults(run=run_report)
    command = commands.add_parser("workbook", help="an Excel workbook of live formulas")
    command.add_argument("scenario", help=f"a file, or one of {', '.join(scenario.shipped())}")
    command.add_argument("out", help="the file to write, out.xlsx say")
    command.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change one key")
    command.add_argument("--date", default="", metavar="DAY", help="the day it is made, 2026-11-24 say (today)")
    command.set_defaults(run=run_workbook)
    command = commands.add_parser("cases", help="published studies replayed; exit 1 where a roll-up does not agree")
    command.add_argument("--from", dest="folder", default="", metavar="DIR", help="a folder of more case files")
    command.add_argument("--json", action="store_true", help="one JSON list")
    command.set_defaults(run=run_cases)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Bad input is one line on standard error and exit 2."""
    try:
        parsed = parser().parse_args(arguments)
        inputs.load().check(scenario.options("platform"))
        code: int = parsed.run(parsed)
        sys.stdout.flush()
    except InputError as error:
        print(f"dosecost: {error}", file=sys.stderr)
        return BAD_INPUT
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
