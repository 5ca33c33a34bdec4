"""Why a figure is what it is: what it means, its formula in symbols and in words, the figures and inputs in it, and
what it leads to.

Everything is read from one traced run of the model; nothing is written by hand, so that no explanation can differ from
the figure it explains.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from dosecost.contract import BESIDE_FORMULAS, as_data, flat
from dosecost.errors import InputError
from dosecost.evaluation import evaluate
from dosecost.figures import Identities, named_figures
from dosecost.finance import price_basis_factor
from dosecost.formulas import ON_THE_WAY, PART, Constant, Tree, in_symbols, in_words, names_in, tree_of
from dosecost.meanings import Meaning, meaning_of, spoken, unit_in
from dosecost.scenario import Scenario
from dosecost.trace import Traced, value_of
from dosecost.traced_run import Leaf, traced_run

NEAR = 6
"""Names that are offered where there is no figure of a name."""
LARGE = 24
"""Operations from which a part of formulas that is used more than once is explained by itself."""
OWN = "own"
"""Stands for the grade of evidence of a number of the user's."""
EXCHANGE, INFLATION = "finance.usd_per_eur", "finance.cost_inflation"


class Part(NamedTuple):
    """One figure or input in a formula: its name, that name in words, value and unit; of an input its grade of evidence
    (``own`` for the user's own number) and its source, which are empty for a figure."""

    name: str
    label: str
    value: Any
    unit: str
    grade: str = ""
    source: str = ""


class Explanation(NamedTuple):
    """A figure or input: what it is (``part``), what it means, its formula in symbols (names in brackets) and in words,
    the parts in it, what it leads to, and a note where there is more to say than the formula does."""

    part: Part
    meaning: str
    formula: str
    in_words: str
    parts: list[Part]
    leads_to: list[str]
    note: str

    @property
    def name(self) -> str:
        """The figure's name."""
        return self.part.name

    @property
    def value(self) -> Any:
        """The figure: a number, a text, or none where it does not exist."""
        return self.part.value


class Figures:
    """All figures of a scenario with their formulas: its year, its plan, its cash, and every output of ``evaluate``."""

    def __init__(self, scenario: Scenario) -> None:
        run = traced_run(scenario)
        self.scenario = scenario
        self.leaves: dict[str, Leaf] = run.leaves
        self.nodes = named_figures(run)
        self._identity = Identities()
        self._last_month = f"cash.so_far.{run.evaluation.cash.months[-1].month}."
        self._trees: dict[str, Tree | None] = {}
        self._by_object: dict[int, str] = {}
        self._known: dict[int, str] = {}
        for name, node in self.nodes.items():
            if isinstance(node, Traced) and not node.name:
                self._by_object.setdefault(id(node), name)
                self._known.setdefault(self._identity(node), name)
        self._parts = self._large_parts()
        self._known |= {self._identity(node): name for name, node in self._parts.items()}

    def names(self) -> list[str]:
        """Names of all figures, in the order of the model, and last what the result holds beside formulas."""
        return [*self.nodes, *BESIDE_FORMULAS]

    def main_names(self) -> list[str]:
        """Names of the figures of the year and the plan as a whole: not of each phase and month, and none twice."""
        return [
            name
            for name, node in self.nodes.items()
            if name.partition(".")[0] not in ("phases", "after", "without_patients", "one_patient", "programme")
            and not name.startswith(("cash.months.", "cash.flows.", "cash.owners.flows."))
            and not (isinstance(node, Traced) and self._by_object.get(id(node), name) != name)
        ]

    def __contains__(self, name: str) -> bool:
        return name in self.nodes or name in self.leaves or name in self._parts or self._beside(name) != ""

    def explain(self, name: str) -> Explanation:
        """Why a figure is what it is, and what it leads to. Raises ``InputError`` with the nearest names where there is
        none."""
        if name not in self:
            near = [known for known in self.nodes if known.endswith(name.rpartition(".")[2])][:NEAR]
            raise InputError("explain", name, f"no such figure{'; near are ' + ', '.join(near) if near else ''}")
        if group := self._beside(name):
            return Explanation(
                self.part(name),
                f"{self._meaning(name).text}.",
                "",
                "",
                [],
                [],
                f"Beside the formulas: {BESIDE_FORMULAS[group]}.",
            )
        tree, note = self._tree(name), self._note(name)
        return Explanation(
            part=self.part(name),
            meaning=f"{self._meaning(name).text}.",
            formula="" if tree is None else in_symbols(tree),
            in_words="" if tree is None else in_words(tree, self._meaning),
            parts=[] if tree is None else [self.part(one) for one in dict.fromkeys(names_in(tree))],
            leads_to=self._onward.get(name, []),
            note=note,
        )

    def part(self, name: str) -> Part:
        """A figure or input with its value, unit, and for an input its grade and source."""
        meaning = self._meaning(name)
        unit = unit_in(meaning.unit, self.scenario.currency)
        if name not in self.leaves or name in self.nodes:
            return Part(name, meaning.label, self._value(name), unit)
        leaf = self.leaves[name]
        value = value_of(leaf.node)
        if leaf.row is None:
            return Part(name, meaning.label, value, unit, OWN, "the plan" if name.startswith("plan.") else "your step")
        if leaf.input in self.scenario.inputs:
            quote = self.scenario.quotes.get(leaf.input)
            return Part(
                name, meaning.label, value, unit, OWN, f"{quote.source}, {quote.date}" if quote else "your own number"
            )
        return Part(name, meaning.label, value, unit, leaf.row.grade, leaf.row.source)

    def in_words(self, name: str) -> str:
        """What a figure or input is called."""
        return self._meaning(name).label

    def _tree(self, name: str) -> Tree | None:
        """The formula of a figure, a part or an input; none where it starts there."""
        if name not in self._trees:
            self._trees[name] = self._grown(name)
        return self._trees[name]

    def _grown(self, name: str) -> Tree | None:
        if name in self.nodes or name in self._parts:
            node = self.nodes.get(name, self._parts.get(name))
            if not isinstance(node, Traced):
                return Constant(node) if isinstance(node, (int, float)) else None
            own = self._by_object.get(id(node), name)
            through = name.startswith(self._last_month) or not any(mark in name for mark in ON_THE_WAY)
            return tree_of(node, self._name_of, own == name, through)
        leaf = self.leaves[name]
        if leaf.row is None or not leaf.row.is_money or leaf.input in self.scenario.inputs:
            return None
        exchange, inflation = (self.leaves[known].node for known in (EXCHANGE, INFLATION))
        tree = tree_of(
            leaf.row.base
            * price_basis_factor(
                leaf.row.price_basis, self.scenario.currency, self.scenario.price_year, exchange, inflation
            ),
            self._name_of,
        )
        return None if isinstance(tree, Constant) else tree

    def _name_of(self, node: Traced) -> str:
        return self._by_object.get(id(node)) or self._known.get(self._identity(node), "")

    def _value(self, name: str) -> Any:
        if self._beside(name):
            return self._data.get(name)
        return value_of(self.nodes.get(name, self._parts.get(name)))

    def _meaning(self, name: str) -> Meaning:
        if name in self._parts:
            whole = self._meaning(name.partition(PART)[0])
            label = f"part {name.partition(PART)[2]} of {whole.label}"
            return Meaning(label, f"A part of formulas, used more than once, first in: {whole.label}", "")
        if name in self.leaves and name not in self.nodes:
            return self._meaning_of_leaf(name)
        found = meaning_of(name)
        if found is None and name in self.nodes:
            node = self.nodes[name]
            own = node.name or self._by_object[id(node)] if isinstance(node, Traced) else name
            found = self._meaning(own) if own != name else None
        return found or Meaning(spoken(name), "", "")

    def _meaning_of_leaf(self, name: str) -> Meaning:
        row = self.leaves[name].row
        if row is None:
            return meaning_of(name) or Meaning(spoken(name), "", "")
        held = f" ({spoken(name.partition('@')[2])})" if "@" in name else ""
        return Meaning(f"{row.label}{held}", f"An input: {row.label}{held}", row.unit_in(self.scenario.currency))

    def _note(self, name: str) -> str:
        if name in self.leaves and name not in self.nodes:
            return self._note_of_leaf(self.leaves[name])
        tree = self._tree(name)
        if tree is not None and any(names_in(tree)):
            return ""
        return "Set by the choices and the dates of the scenario: no number moves it."

    def _note_of_leaf(self, leaf: Leaf) -> str:
        row, scenario = leaf.row, self.scenario
        if row is None:
            return self._entry(leaf.input)
        said = [row.note, scenario.notes.get(leaf.input, "")]
        if leaf.input in scenario.inputs:
            said.insert(0, f"Your own value, in place of the default {row.base:,.6g} {row.unit} (grade {row.grade}).")
        elif row.is_money:
            money = f"{scenario.currency} {scenario.price_year}"
            converted = "" if row.price_basis == money else f", converted to {money}"
            said.insert(0, f"The default {row.base:,.6g} {row.unit} in prices of {row.price_basis}{converted}.")
        return " ".join(filter(None, said))

    def _entry(self, name: str) -> str:
        """Which entry of the plan, or which step of the user's, a number belongs to."""
        where, _, rest = name.partition(".")
        if where != "plan":
            return "A number of a step that you added."
        kind, _, rest = rest.partition(".")
        for entry in getattr(self.scenario.plan, kind) if rest else ():
            if rest.startswith(f"{entry.id}."):
                return f"A number of the plan: “{entry.name}” under {spoken(kind)}."
        return "A number of the plan."

    def _beside(self, name: str) -> str:
        """The entry of ``BESIDE_FORMULAS`` that a name is, or is inside; '' for none."""
        if name in self.nodes:
            return ""
        return next((group for group in BESIDE_FORMULAS if name == group or name.startswith(f"{group}.")), "")

    @cached_property
    def _data(self) -> dict[str, Any]:
        return dict(flat(as_data(evaluate(self.scenario))))

    @cached_property
    def _onward(self) -> dict[str, list[str]]:
        """By figure or input, the figures whose formula holds it, and last the inputs converted with it."""
        found: dict[str, dict[str, None]] = {}
        for name in (*self.nodes, *self._parts, *self.leaves):
            tree = self._tree(name)
            for part in names_in(tree) if tree is not None else ():
                found.setdefault(part, {})[name] = None
        return {name: list(onward) for name, onward in found.items()}

    def _large_parts(self) -> dict[str, Traced]:
        """Large parts of formulas without a name that are used more than once, under a name of their own: written out
        each time they would grow without end."""
        uses: Counter[int] = Counter()
        order: list[tuple[int, Traced, list[int]]] = []
        seen: set[int] = set()
        for node in self.nodes.values():
            for one in _below(node, self._identity, seen) if isinstance(node, Traced) else ():
                parents = [self._identity(parent) for parent in one.parents if isinstance(parent, Traced)]
                order.append((self._identity(one), one, parents))
                uses.update(set(parents))
        sizes: dict[int, int] = {}
        large: set[int] = set()
        for number, one, parents in order:
            size = 1 + len(one.parents) - len(parents) + sum(sizes[parent] for parent in parents)
            if one.name or number in self._known:
                size = 1
            elif size > LARGE and uses[number] > 1:
                large.add(number)
                size = 1
            sizes[number] = size
        return self._named_parts(large)

    def _named_parts(self, large: set[int]) -> dict[str, Traced]:
        """Each of these nodes under the name of the first figure that reaches it, and its place there."""
        found: dict[str, Traced] = {}
        named: set[int] = set()
        for name, node in self.nodes.items():
            waiting = [node] if isinstance(node, Traced) else []
            place = 0
            passed: set[int] = set()
            while waiting:
                one = waiting.pop()
                number = self._identity(one)
                if number in passed or (one is not node and number in self._known):
                    continue
                passed.add(number)
                if number in large and number not in named:
                    named.add(number)
                    place += 1
                    found[f"{name}{PART}{place}"] = one
                elif number in named:
                    continue
                waiting.extend(reversed([p for p in one.parents if isinstance(p, Traced)]))
        return found


def _below(node: Traced, identity: Callable[[Traced], int], seen: set[int]) -> Iterator[Traced]:
    """A node and all below it that have not been seen, each after what it is made of."""
    stack = [node]
    while stack:
        top = stack[-1]
        if identity(top) in seen:
            stack.pop()
            continue
        waiting = [p for p in top.parents if isinstance(p, Traced) and identity(p) not in seen]
        if waiting:
            stack.extend(waiting)
            continue
        stack.pop()
        seen.add(identity(top))
        yield top


def explain_data(why: Explanation) -> dict[str, Any]:
    """An explanation as plain data for JSON."""
    return {
        "name": why.name,
        "label": why.part.label,
        "value": why.value,
        "unit": why.part.unit,
        "meaning": why.meaning,
        "note": why.note,
        "formula": why.formula,
        "in_words": why.in_words,
        "parts": [_part_data(part) for part in why.parts],
        "leads_to": why.leads_to,
    } | ({"grade": why.part.grade, "source": why.part.source} if why.part.grade else {})


def _part_data(part: Part) -> dict[str, Any]:
    kept = part._asdict()
    return kept if part.grade else {key: value for key, value in kept.items() if key not in ("grade", "source")}
