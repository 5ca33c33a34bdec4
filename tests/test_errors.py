import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecost.errors import MAX_LINE, InputError, InputErrors


def test_one_line_names_where_what_and_why() -> None:
    error = InputError("plan.json", "facility.rent", "is 9000; allowed 10 to 2,000")
    assert str(error) == "plan.json: facility.rent: is 9000; allowed 10 to 2,000"
    assert error.where == "plan.json"
    assert error.what == "facility.rent"
    assert error.why == "is 9000; allowed 10 to 2,000"
    assert isinstance(error, ValueError)


def test_empty_what_leaves_no_gap() -> None:
    assert str(InputError("link", "", "is damaged")) == "link: is damaged"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\nb", r"a\nb"),
        ("a\r\tb", r"a\r\tb"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b", r"\x9b"),
        ("\u202egnp", r"\u202egnp"),
        ("\u2028", r"\u2028"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("Zürich 培养", "Zürich 培养"),
    ],
)
def test_invisible_characters_are_shown_escaped(raw: str, shown: str) -> None:
    assert str(InputError(raw, raw, raw)) == f"{shown}: {shown}: {shown}"


@given(st.text(st.characters()), st.text(st.characters()), st.text(st.characters()), st.integers(1, 400))
def test_always_one_printable_line(where: str, what: str, why: str, repeat: int) -> None:
    error = InputError(where * repeat, what * repeat, why * repeat)
    for line in (str(error), str(InputErrors([error] * 5000)), error.where, error.what, error.why):
        assert len(line) <= MAX_LINE
        assert line.isprintable()


def test_the_reason_survives_a_long_file_name_and_key() -> None:
    assert str(InputError("f" * 5000, "k" * 5000, "allowed 1 to 9")).endswith("…: allowed 1 to 9")


def test_several_errors() -> None:
    first, second = InputError("a.json", "x", "is bad"), InputError("a.json", "y", "is worse")
    both = InputErrors([first, second])
    assert str(both) == "a.json: x: is bad (and 1 more)"
    assert both.errors == [first, second]
    assert (both.where, both.what, both.why) == (first.where, first.what, first.why)
    assert InputErrors([both, first]).errors == [first, second, first]
    assert str(InputErrors([first])) == str(first)
    assert first.errors == [first]
    with pytest.raises(ValueError, match="at least one"):
        InputErrors([])


def test_errors_survive_copy() -> None:
    single = InputError("a\n", "x", "is bad")
    for error in (single, InputErrors([single, single])):
        for twin in (copy.copy(error), copy.deepcopy(error)):
            assert type(twin) is type(error)
            assert str(twin) == str(error)
            assert len(twin.errors) == len(error.errors)
