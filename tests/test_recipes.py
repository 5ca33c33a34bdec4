"""Platform files: what is refused, how a step is opened or closed, and a new platform without Python."""

from pathlib import Path

import pytest

from dosecost import recipes
from dosecost.errors import InputError

ROBOTIC = recipes.PLATFORMS / "4_robotic.toml"


def variant(tmp_path: Path, old: str, new: str) -> Path:
    text = ROBOTIC.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "variant.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('id = "fill"', 'id = "harvest"', "two steps with one name"),
        ('exposure = "closed"', 'exposure = "ajar"', "'ajar' is not one of open, briefly_open, closed"),
        ('group = "culture"', 'group = "kitchen"', "'kitchen' is not one of"),
        ('devices = ["robotic_shuttle"]', 'devices = ["toaster"]', "'toaster' is not one of"),
        ('limiting_device = "robotic_shuttle"', 'limiting_device = "toaster"', "'toaster' is not one of"),
        ('closed = "D"', 'closed = "E"', "'E' is not one of CNC, D, C, B"),
        ('label = "Robotic', 'title = "Robotic', "missing: label"),
        ('crew = "single"', 'crew = "pair"', "'pair' is not one of rule, single"),
        ('use = "site"', 'use = "moon"', "'moon' is not one of"),
        ("[room]", "[room", "not a TOML file"),
    ],
)
def test_a_bad_platform_file_is_refused_by_name(tmp_path: Path, old: str, new: str, why: str) -> None:
    with pytest.raises(InputError, match=r"variant\.toml") as caught:
        recipes.read(variant(tmp_path, old, new))
    assert why in str(caught.value)


def test_room_grade_follows_the_worst_step() -> None:
    by_platform = {name: recipe.room_grade for name, recipe in recipes.load().items()}
    assert by_platform == {"manual_open": "B", "semi_auto": "B", "integrated_closed": "C", "robotic": "D"}
    opened = recipes.load()["robotic"].with_exposures({"fill": "open"})
    assert opened.room_grade == "B"
    steps = {step.id: "closed" for step in recipes.load()["manual_open"].steps}
    closed = recipes.load()["manual_open"].with_exposures(steps)
    assert closed.room_grade == "C"
    assert sum(step.closed_by_choice for step in closed.steps) == 9
    assert recipes.load()["manual_open"].with_exposures({"setup": "open"}) == recipes.load()["manual_open"]


def test_all_platforms_name_the_same_steps() -> None:
    first, *others = ([step.id for step in recipe.steps] for recipe in recipes.load().values())
    assert all(other == first for other in others)
