"""The chart colours: one for each cost category and each platform, in both themes.

Plain data. Every colour has at least 3:1 contrast with its theme's background, and every two colours of one
set stay apart (CIEDE2000 of 10 or more) in normal, protan, deutan and tritan vision;
tests/app/test_palette.py measures both. A category keeps its family of hues when the theme changes.
`chartCategoricalColors` in .streamlit/config.toml repeats the SERIES lists.
"""

from typing import Final

BACKGROUND_LIGHT: Final = "#ffffff"
"""Page background of the light theme."""

BACKGROUND_DARK: Final = "#10181d"
"""Page background of the dark theme."""

CATEGORY_COLOURS_LIGHT: Final[dict[str, str]] = {
    "materials": "#04757f",
    "vector": "#743b9b",
    "labour": "#0d76e2",
    "quality": "#be7e0b",
    "facility": "#6b3a08",
    "equipment": "#252b6c",
    "monitoring": "#249a79",
    "logistics": "#e74c6c",
    "apheresis": "#b24636",
    "overhead": "#495158",
    "idle_capacity": "#838d95",
}
"""Colour of each cost category on the light background, in stack order (first at the bottom)."""

CATEGORY_COLOURS_DARK: Final[dict[str, str]] = {
    "materials": "#53d4b5",
    "vector": "#a783bb",
    "labour": "#4fa5ff",
    "quality": "#ebaa2a",
    "facility": "#ae6e2f",
    "equipment": "#6a75ea",
    "monitoring": "#b9e29f",
    "logistics": "#ecaadc",
    "apheresis": "#ed745f",
    "overhead": "#95a2ab",
    "idle_capacity": "#dde4e8",
}
"""Colour of each cost category on the dark background, in the same order."""

PLATFORM_COLOURS_LIGHT: Final[dict[str, str]] = {
    "manual_open": "#c27c00",
    "semi_auto": "#0077ec",
    "integrated_closed": "#23625b",
    "robotic": "#572786",
}
"""Colour of each manufacturing platform on the light background."""

PLATFORM_COLOURS_DARK: Final[dict[str, str]] = {
    "manual_open": "#eeb039",
    "semi_auto": "#5d88bc",
    "integrated_closed": "#65d7b7",
    "robotic": "#e0c2ff",
}
"""Colour of each manufacturing platform on the dark background."""

PLATFORM_DASHES: Final[dict[str, tuple[int, ...]]] = {
    "manual_open": (2, 2),
    "semi_auto": (6, 3),
    "integrated_closed": (1, 0),
    "robotic": (8, 2, 2, 2),
}
"""Line pattern of each platform (drawn and blank lengths), so that colour never says it alone."""

SERIES_LIGHT: Final[tuple[str, ...]] = tuple(CATEGORY_COLOURS_LIGHT.values())
"""Colours for series that are neither categories nor platforms, light background."""

SERIES_DARK: Final[tuple[str, ...]] = tuple(CATEGORY_COLOURS_DARK.values())
"""Colours for series that are neither categories nor platforms, dark background."""
