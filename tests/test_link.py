import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecost import link
from dosecost.errors import InputError
from tests import hostile
from tests.test_strictjson import objects

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def refused(token: str) -> InputError:
    with pytest.raises(InputError) as caught:
        link.decode(token)
    assert caught.value.where == "link"
    assert str(caught.value).isprintable()
    return caught.value


def test_the_corpus_is_large_enough() -> None:
    assert len(hostile.LINKS) >= 40


@pytest.mark.parametrize("name", hostile.LINKS)
def test_hostile_links_are_refused_in_one_line(name: str) -> None:
    refused(hostile.LINKS[name])


@given(objects)
def test_round_trip(changes: dict[str, object]) -> None:
    assert link.decode(link.encode(changes)) == changes


def test_booleans_and_whole_numbers_keep_their_meaning() -> None:
    changes: dict[str, object] = {"a": True, "b": 1, "c": 20.0, "d": None, "e": [False, 0]}
    assert repr(link.decode(link.encode(changes))) == repr({**changes, "c": 20})


def test_no_changes_is_no_token() -> None:
    assert link.encode({}) == ""
    assert link.decode("") == {}


def test_five_changes_stay_short_and_safe_in_an_address() -> None:
    token = link.encode(hostile.SAMPLE)
    assert len(hostile.SAMPLE) == 5
    assert len(token) <= 200
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)


def test_tokens_of_released_versions_still_open() -> None:
    token = (
        "1HYxRCsMwDEOvMvxdzNp1G-Qyw03SxpDEIXEZo_Tuy_YlIT3pAOcTZYeFlH3WBmacrgOsZDmyfrD2EMw8TngfINIie8UWeN"
        "VX6Lbjz1-RJLNK5bxhiaT-VSpbD-aAhVrXGadOBd4CmEf_kTeYG47nAKWK9a39Z6vUBAZslObdhXaV1L8cnF-A806Y"
    )
    assert link.decode(token) == hostile.SAMPLE


def test_every_truncation_is_noticed() -> None:
    token = link.encode(hostile.SAMPLE)
    for end in range(1, len(token)):
        refused(token[:end])


def test_every_single_changed_character_is_noticed() -> None:
    token = link.encode(hostile.SAMPLE)
    for at, old in enumerate(token):
        for new in ALPHABET.replace(old, ""):
            refused(token[:at] + new + token[at + 1 :])


def test_a_damaged_link_says_what_to_do() -> None:
    token = link.encode(hostile.SAMPLE)
    assert str(refused(token[:-3])) == f"link: {link.DAMAGED}"
    assert str(refused("2" + token[1:])) == f"link: {link.OTHER_VERSION}"
    assert str(refused(hostile.LINKS["bomb of 5 MB"])) == f"link: {link.TOO_LONG}"


def test_an_inner_fault_names_its_path() -> None:
    assert str(refused(hostile.seal(hostile.deflate(b'{"plan": {"months": NaN}}')))).startswith(
        "link: plan.months: NaN"
    )


def test_the_cap_on_inflating_is_exact() -> None:
    document = b'{"a":1' + b" " * (link.MAX_INFLATED - 7) + b"}"
    assert link.decode(hostile.seal(hostile.deflate(document))) == {"a": 1}
    assert link.TOO_LONG in str(refused(hostile.seal(hostile.deflate(document + b" "))))


def test_a_link_that_could_not_be_opened_is_not_handed_out() -> None:
    incompressible = {f"{i * 7919 % 4801:x}": i * 104_729 % 999_983 / 7 for i in range(1000)}
    compressible = {f"k{i}": "x" * 500 for i in range(600)}
    for changes in (incompressible, compressible):
        with pytest.raises(InputError, match="at most 8,192 characters"):
            link.encode({**changes})
    for value in (1e16, "\u202e", "x" * 501):
        with pytest.raises(InputError, match="link: a: "):
            link.encode({"a": value})
    with pytest.raises(ValueError, match="JSON"):
        link.encode({"a": float("nan")})


@given(st.text(st.characters()) | st.text(ALPHABET, max_size=200).map(lambda text: "1" + text))
def test_any_text_gives_changes_or_an_input_error(token: str) -> None:
    with suppress(InputError):
        assert isinstance(link.decode(token), dict)


@given(st.binary(max_size=300))
def test_any_sealed_bytes_give_changes_or_an_input_error(data: bytes) -> None:
    for body in (data, hostile.deflate(data)):
        with suppress(InputError):
            assert isinstance(link.decode(hostile.seal(body)), dict)
