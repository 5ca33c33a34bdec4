"""T-066: the chart colours can be told from the background and from each other, in four kinds of vision."""

import tomllib
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from coloraide import Color

from dosecost_app import palette

SETS = {
    "categories, light": (palette.CATEGORY_COLOURS_LIGHT, palette.BACKGROUND_LIGHT),
    "categories, dark": (palette.CATEGORY_COLOURS_DARK, palette.BACKGROUND_DARK),
    "platforms, light": (palette.PLATFORM_COLOURS_LIGHT, palette.BACKGROUND_LIGHT),
    "platforms, dark": (palette.PLATFORM_COLOURS_DARK, palette.BACKGROUND_DARK),
}
VISIONS = ("normal", "protan", "deutan", "tritan")
CONFIG = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())


def seen(colour: str, vision: str) -> Color:
    """The colour as it looks to someone with this vision (Machado 2009, full severity)."""
    if vision == "normal":
        return Color(colour)
    return Color(colour).filter(vision, 1, method="machado").clip("srgb")


def difference(one: str, other: str, vision: str) -> float:
    """CIEDE2000 between two colours as seen with this vision."""
    return seen(one, vision).delta_e(seen(other, vision), method="2000")


@pytest.mark.parametrize("name", SETS)
def test_each_colour_stands_out_from_the_background(name: str) -> None:
    colours, background = SETS[name]
    weak = {k: round(r, 2) for k, c in colours.items() if (r := Color(c).contrast(background)) < 3}
    assert not weak


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", SETS)
def test_every_two_colours_of_a_set_stay_apart(name: str, vision: str) -> None:
    colours, _ = SETS[name]
    close = {
        pair: round(d, 1)
        for pair in combinations(colours, 2)
        if (d := difference(colours[pair[0]], colours[pair[1]], vision)) < 10
    }
    assert not close


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", ["categories, light", "categories, dark"])
def test_neighbours_in_the_stack_are_further_apart_still(name: str, vision: str) -> None:
    colours, _ = SETS[name]
    close = [(a, b) for a, b in pairwise(colours) if difference(colours[a], colours[b], vision) < 11]
    assert not close


def test_both_themes_name_the_same_things_in_the_same_order() -> None:
    assert list(palette.CATEGORY_COLOURS_LIGHT) == list(palette.CATEGORY_COLOURS_DARK)
    assert list(palette.PLATFORM_COLOURS_LIGHT) == list(palette.PLATFORM_COLOURS_DARK)
    assert list(palette.PLATFORM_DASHES) == list(palette.PLATFORM_COLOURS_LIGHT)
    assert len(set(palette.PLATFORM_DASHES.values())) == len(palette.PLATFORM_DASHES)


@pytest.mark.parametrize(
    ("theme", "background", "series"),
    [
        ("light", palette.BACKGROUND_LIGHT, palette.SERIES_LIGHT),
        ("dark", palette.BACKGROUND_DARK, palette.SERIES_DARK),
    ],
)
def test_the_theme_uses_this_palette(theme: str, background: str, series: tuple[str, ...]) -> None:
    assert CONFIG["theme"][theme]["backgroundColor"] == background
    assert tuple(CONFIG["theme"][theme]["chartCategoricalColors"]) == series


@pytest.mark.parametrize(("theme", "faded"), [("light", 0.6), ("dark", 0.6)])
@pytest.mark.parametrize("surface", ["backgroundColor", "secondaryBackgroundColor"])
def test_captions_pass_aa(theme: str, faded: float, surface: str) -> None:
    """Streamlit draws captions at 60 % of the text colour; WCAG AA asks 4.5:1 of them."""
    colours = CONFIG["theme"][theme]
    ground = Color(colours[surface])
    caption = ground.mix(colours["textColor"], faded, space="srgb", out_space="srgb")
    assert caption.contrast(ground) >= 4.5
