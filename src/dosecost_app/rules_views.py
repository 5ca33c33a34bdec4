"""What the page *Process* shows of the rules: what each gives here, why, from where, and where the user overrode it.

Pure: an evaluation in, rows and sentences out; nothing here draws.
"""

import pandas as pd

from dosecost import rules
from dosecost.evaluation import Evaluation, rows_in_use
from dosecost.rules import Applied, Override
from dosecost_app import charts, words

CHOICES = {
    rules.GRADE: f"{words.choice_label(rules.GRADE)} (choice)",
    rules.EXPOSURES: "Meets the room (step table)",
    rules.CREW: "People present (step table)",
}
BY_THE_RULE = "As the rule says"


def table(e: Evaluation) -> pd.DataFrame:
    """One row for each rule: what it gives here, what is the user's in it, reason, source, the rule in a sentence, and
    the inputs and choices that state it."""
    found, rows = rules.applied(e), rows_in_use(e.scenario)
    return pd.DataFrame(
        {
            "Rule": [applied.rule.label for applied in found],
            "It gives here": [_sentence(applied.given.text) for applied in found],
            "Yours": [yours(applied) for applied in found],
            "Reason": [applied.rule.reason for applied in found],
            "Source (grade of its evidence)": [applied.source for applied in found],
            "The rule": [applied.rule.sentence for applied in found],
            "Set by": [
                "; ".join(CHOICES[name] if name in CHOICES else rows[name].label for name in applied.stated_by)
                for applied in found
            ],
        }
    )


def yours(applied: Applied) -> str:
    """``Overridden: grade C. By the rule: grade B, because of Harvest (open)``, or that it is as the rule says."""
    if not applied.overrides:
        return BY_THE_RULE
    parts = [
        f"{_level(override)}: {', '.join(part for part in (override.label, override.yours) if part)}"
        for override in applied.overrides
    ]
    return f"{'; '.join(parts)}. By the rule: {applied.unoverridden.text}"


def finding(e: Evaluation) -> str:
    """How many rules are as they are, and which the user overrode or keeps more carefully than they say."""
    found = rules.applied(e)
    broken = [a.rule.label for a in found if any(not override.careful for override in a.overrides)]
    stricter = [a.rule.label for a in found if a.overrides and a.rule.label not in broken]
    if not broken and not stricter:
        return f"All {len(found)} rules are as they are."
    parts = [f"You overrode {len(broken)} of {len(found)} rules: {charts.listed(broken).lower()}"] if broken else []
    if stricter:
        head = f"{len(stricter)}" if broken else f"None of the {len(found)} rules is overridden; {len(stricter)}"
        parts.append(f"{head} you keep more carefully than the rule: {charts.listed(stricter).lower()}")
    return "; ".join(parts) + "."


def _level(override: Override) -> str:
    return "More careful" if override.careful else "Overridden"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
