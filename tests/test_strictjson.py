import json
import os
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dosecost import strictjson
from dosecost.errors import MAX_LINE, InputError, InputErrors, printable
from tests import hostile

visible_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(
    lambda text: unicodedata.normalize("NFC", strictjson.HIDDEN.sub("", text))
)
scalars = (
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.floats(-1e15, 1e15, allow_nan=False) | visible_text
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(visible_text, inner, max_size=4),
    max_leaves=8,
)
objects = st.dictionaries(visible_text, values, max_size=6)


def refused(text: str) -> InputError:
    with pytest.raises(InputError) as caught:
        strictjson.parse(text, "plan.json")
    return caught.value


# Reading files


def test_the_corpus_is_large_enough() -> None:
    assert len(hostile.DOCUMENTS) >= 60


@pytest.mark.parametrize("name", hostile.DOCUMENTS)
def test_hostile_documents_are_refused_in_one_line(name: str, tmp_path: Path) -> None:
    document = hostile.DOCUMENTS[name]
    file = tmp_path / "plan.json"
    file.write_bytes(document if isinstance(document, bytes) else document.encode("utf-8", "surrogatepass"))
    with pytest.raises(InputError) as caught:
        strictjson.parse(strictjson.read_text(file), "plan.json")
    for error in caught.value.errors:
        assert str(error).isprintable()
        assert len(str(error)) <= MAX_LINE
    if isinstance(document, str):
        refused(document)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("byte order mark bytes", "without BOM"),
        ("only spaces", "is empty"),
        ("yaml", "not JSON"),
        ("pickle protocol 0", "not JSON"),
        ("top level list", "the top level must be an object"),
        ("17 levels of objects", "at most 16 levels"),
        ("300,000 levels", "at most 5,000"),
        ("just above 1 MB of UTF-8", "at most 1 MB"),
        ("900,000 digits", "a: a number of 900,000 characters; at most 40"),
        ("duplicate key after NFC", "the key appears twice"),
        ("key of 501 characters", "a key of 501 characters; at most 500"),
        ("text that grows in NFC", "a: text of 1,200 characters; at most 500"),
        ("characters that split into marks", "a[0]: text has more than 30 combining marks"),
        ("swapped surrogates", "a: text has the hidden character U+DC00"),
    ],
)
def test_the_reason_is_given(name: str, reason: str, tmp_path: Path) -> None:
    document = hostile.DOCUMENTS[name]
    file = tmp_path / "plan.json"
    file.write_bytes(document if isinstance(document, bytes) else document.encode())
    with pytest.raises(InputError) as caught:
        strictjson.parse(strictjson.read_text(file), "plan.json")
    assert reason in str(caught.value)


def test_a_good_file_is_read_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    file.write_text('{"city": "Zürich",\r\n "on": true}', encoding="utf-8", newline="")
    text = strictjson.read_text(file)
    assert "\r\n" in text
    assert strictjson.parse(text, str(file)) == {"city": "Zürich", "on": True}


def test_unreadable_files_are_named_as_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("{}")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "large").write_bytes(b" " * (strictjson.MAX_BYTES + 1))
    (tmp_path / "binary").write_bytes(b"\x80\x04")
    expected = {
        "missing": "No such file",
        "file/below": "Not a directory",
        ".": "folder",
        "pipe": "not a regular file",
        "loop": "cannot be read",
        "large": "at most 1 MB",
        "binary": "not JSON",
        "x" * 5000: "File name too long",
        "nul\0": "not a possible file name",
        "surrogate\ud800": "not a possible file name",
    }
    for name, reason in expected.items():
        with pytest.raises(InputError) as caught:
            strictjson.read_text(name)
        assert reason in str(caught.value)
        assert str(caught.value).startswith(printable(name)[:100])
    with pytest.raises(InputError, match="not a regular file"):
        strictjson.read_text("/dev/zero")


def test_a_large_file_is_not_even_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "large").write_bytes(b" " * (strictjson.MAX_BYTES + 1))
    monkeypatch.delattr(Path, "open")
    with pytest.raises(InputError, match="at most 1 MB"):
        strictjson.read_text(tmp_path / "large")


def test_a_file_that_grows_after_the_check_is_still_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large = tmp_path / "small", tmp_path / "large"
    small.write_text("{}")
    large.write_bytes(b" " * (strictjson.MAX_BYTES + 1))
    status = small.stat()
    monkeypatch.setattr(Path, "stat", lambda self: status)
    with pytest.raises(InputError, match="at most 1 MB"):
        strictjson.read_text(large)


def test_a_file_that_vanishes_after_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "small").write_text("{}")
    status = (tmp_path / "small").stat()
    monkeypatch.setattr(Path, "stat", lambda self: status)
    with pytest.raises(InputError, match="No such file"):
        strictjson.read_text(tmp_path / "gone")


# Parsing


def test_all_kinds_of_values() -> None:
    text = '{"i": -3, "f": 2.50, "e": 1E3, "t": true, "n": null, "s": "µ\\u00b2", "l": [1, {"x": []}]}'
    result = strictjson.parse(text, "x")
    assert result == {
        "i": -3, "f": 2.5, "e": 1000.0, "t": True, "n": None, "s": "µ²", "l": [1, {"x": []}],
    }  # fmt: skip
    assert [type(result[key]) for key in ("i", "f", "e", "t", "l")] == [int, float, float, bool, list]


def test_text_and_keys_are_normalised() -> None:
    assert strictjson.parse('{"e\\u0301": "u\u0308"}', "x") == {"é": "ü"}


def test_thirty_marks_are_text() -> None:
    text = "e" + "\u0316" + "\u0302" * 29
    assert strictjson.parse(f'{{"a": "{text}"}}', "x") == {"a": "\u00ea\u0316" + "\u0302" * 28}


def test_joiners_and_emoji_are_text() -> None:
    text = "می\u200cخواهم 👩\u200d🔬 \\ud83d\\ude00"
    assert strictjson.parse(f'{{"a": "{text}"}}', "x") == {"a": "می\u200cخواهم 👩\u200d🔬 😀"}


@pytest.mark.parametrize(
    "text",
    [
        '{"a":' + "[" * 15 + "]" * 15 + "}",
        json.dumps({"[[[[[[[[[[[[[[[[[[[[": '}]\\"[' * 50, "a": "\\", "b": "[" * 400}),
        json.dumps({f"k{i}": i for i in range(5000)}),
        json.dumps({"a": [0] * 4998, "b": 0}),
        json.dumps({"k" * 500: "x" * 500}),
        '{"a": 1' + " " * (strictjson.MAX_BYTES - 8) + "}",
        '{"a": 1000000000000000, "b": -1e15, "c": 0.' + "3" * 38 + ', "d": 1e-999, "e": -0}',
    ],
    ids=["depth", "brackets in text", "keys", "elements", "lengths", "size", "numbers"],
)
def test_documents_at_the_limits_are_accepted(text: str) -> None:
    assert strictjson.parse(text, "x") == json.loads(text)


def test_all_faults_are_reported_together_with_their_paths() -> None:
    error = refused(
        '{"plan": {"phases": [{"months": 3}, {}, {"months": NaN, "months": 1e16}]},"note": "\\u202e", "note": 1}'
    )
    assert isinstance(error, InputErrors)
    assert [(e.where, e.what, e.why) for e in error.errors] == [
        ("plan.json", "plan.phases[2].months", "NaN is not a usable number; allowed -1e15 to 1e15"),
        ("plan.json", "plan.phases[2].months", "the key appears twice"),
        ("plan.json", "plan.phases[2].months", "1e16 is not a usable number; allowed -1e15 to 1e15"),
        ("plan.json", "note", "text has the hidden character U+202E; use visible text only"),
        ("plan.json", "note", "the key appears twice"),
    ]
    assert str(error).endswith(" (and 4 more)")


def test_the_number_of_reported_faults_is_bounded() -> None:
    assert len(refused(json.dumps({"a": [float("nan")] * 4000})).errors) == strictjson.MAX_ERRORS


def test_a_syntax_error_gives_line_and_column() -> None:
    assert str(refused('{\n  "a": 1,\n  b: 2\n}')).endswith("double quotes: line 3, column 3")


@given(st.text(st.characters()) | st.text('{}[]",:\\ 019.-eEnulltrue\n', max_size=60))
def test_any_text_gives_an_object_or_an_input_error(text: str) -> None:
    with suppress(InputError):
        assert strictjson.parse(text, "x") == json.loads(text)


@given(objects, st.data())
def test_any_edit_of_a_document_gives_an_object_or_an_input_error(obj: object, data: st.DataObject) -> None:
    text = strictjson.dumps(obj)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 4)))
    edited = text[:start] + data.draw(st.text(st.characters(), max_size=4)) + text[end:]
    with suppress(InputError):
        assert isinstance(strictjson.parse(edited, "x"), dict)


# Writing


@given(objects)
def test_round_trip(obj: dict[str, object]) -> None:
    for compact in (True, False):
        assert strictjson.parse(strictjson.dumps(obj, compact=compact), "x") == obj


@given(objects)
def test_the_digest_is_that_of_the_content(obj: dict[str, object]) -> None:
    digest = strictjson.digest(obj)
    assert len(digest) == 12
    assert digest == strictjson.digest(dict(reversed(obj.items())))
    assert digest == strictjson.digest(strictjson.parse(strictjson.dumps(obj, compact=False), "x"))


def test_canonical_form() -> None:
    obj = {"b": 0.1, "a": [20.0, -0.0, 1e15, 2.0**53, (1, None)], "é": True, "e\u0301 ": "u\u0308"}
    assert strictjson.dumps(obj) == (
        '{"a":[20,0,1000000000000000,9007199254740992.0,[1,null]],"b":0.1,"é":true,"é ":"ü"}'
    )
    assert strictjson.dumps({"b": 1, "a": {}}, compact=False) == '{\n  "a": {},\n  "b": 1\n}'


def test_the_digest_is_pinned_and_ignores_how_a_number_was_written() -> None:
    assert strictjson.digest({"rent": 20.0}) == strictjson.digest({"rent": 20}) == "71d645825ef4"
    different = ({"rent": 1}, {"rent": True}, {"rent": "1"}, {"rent": [1]}, {"rent": 1.0000000000000002})
    assert len({strictjson.digest(obj) for obj in different}) == len(different)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"é": 1, "e\u0301": 2}])
def test_values_json_cannot_say_are_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|equal"):
        strictjson.dumps({"a": [value]})


@pytest.mark.parametrize("value", [{1: 2}, {True: 1}, {1, 2}, b"x", 1j, object()])
def test_types_json_does_not_have_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        strictjson.dumps({"a": [value]})
