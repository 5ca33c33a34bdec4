"""Strict JSON: reads files nobody vouches for, and writes one canonical form.

Python's json accepts NaN, 1e999, duplicate keys and hidden characters, and deep nesting exhausts its stack.
Here each of these is an `InputError` that names the place.
"""

import hashlib
import json
import re
import stat
import unicodedata
from pathlib import Path

from dosecost.errors import InputError, InputErrors

MAX_BYTES = 1_000_000
MAX_DEPTH = 16
MAX_ENTRIES = 5_000
MAX_STRING = 500
MAX_NUMBER = 1e15
MAX_NUMBER_LENGTH = 40
MAX_MARKS = 30  # as in Unicode's stream-safe text format
MAX_ERRORS = 100
TOO_LARGE = "is too large; at most 1 MB"

# Control characters, bidi marks, zero-width and invisible formatting, line separators, lone surrogates,
# non-characters, tags. Zero-width joiners and the soft hyphen stay: some scripts need them.
HIDDEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    r"\ufdd0-\ufdef\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)

# Not marks themselves, but normalisation turns each into two.
SPLIT_INTO_MARKS = "\u0f73\u0f75\u0f81"


class _Object(list[tuple[str, object]]):
    """A JSON object as pairs, so that duplicate keys are still visible."""


class _Number(str):
    """A JSON number as written, not yet converted."""


def read_text(path: str | Path) -> str:
    """The text of a file of at most 1 MB in UTF-8.

    Raises InputError, naming the file as given, when it is missing, not a regular file, unreadable, too
    large, or not UTF-8.
    """
    where = str(path)
    try:
        status = Path(path).stat()
    except OSError as error:
        raise InputError(where, "", f"cannot be read: {error.strerror}") from None
    except ValueError:
        raise InputError(where, "", "is not a possible file name") from None
    if stat.S_ISDIR(status.st_mode):
        raise InputError(where, "", "is a folder, not a file")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(where, "", "is not a regular file")
    if status.st_size > MAX_BYTES:
        raise InputError(where, "", TOO_LARGE)
    try:
        with Path(path).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(where, "", f"cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise InputError(where, "", TOO_LARGE)
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InputError(where, "", "not JSON: the file is not UTF-8 text") from None


def parse(text: str, where: str) -> dict[str, object]:
    """The object that `text` holds, all strings and keys in NFC; `where` names the source in messages.

    Raises InputError when the text is not JSON, its top level is not an object, or it exceeds the limits on
    size, depth and number of entries (keys and list elements; an empty object or list counts as one more).
    Otherwise raises one InputErrors with the path of every duplicate key, number that is not finite or beyond
    1e15, and string that is too long, has hidden characters or piles up combining marks (the first 100).
    """
    _check_shape(text, where)
    try:
        raw = json.loads(
            text, object_pairs_hook=_Object, parse_int=_Number, parse_float=_Number, parse_constant=_Number
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(where, "", f"not JSON: {error.msg}: {place}") from None
    if not isinstance(raw, _Object):
        raise InputError(where, "", "the top level must be an object: { … }")
    problems = _Problems()
    result = _object(raw, "", problems)
    if problems:
        raise InputErrors([InputError(where, path, why) for path, why in problems])
    return result


def dumps(obj: object, *, compact: bool = True) -> str:
    """Canonical JSON: sorted keys, NFC text, shortest floats, whole floats below 2**53 written as integers.

    So 20 and 20.0 give the same text. Without `compact` it is indented for reading. Raises ValueError for
    NaN, infinity and keys that become equal, TypeError for anything JSON cannot hold.
    """
    return json.dumps(
        _canonical(obj),
        allow_nan=False,
        ensure_ascii=False,
        sort_keys=True,
        indent=None if compact else 2,
        separators=(",", ":") if compact else None,
    )


def digest(obj: object) -> str:
    """Twelve hexadecimal characters that stand for the content. Raises like `dumps`."""
    return hashlib.sha256(dumps(obj).encode()).hexdigest()[:12]


def _check_shape(text: str, where: str) -> None:
    """Size, depth and number of entries, in linear time, before anything is built."""
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise InputError(where, "", TOO_LARGE)
    if text.startswith("\ufeff"):
        raise InputError(where, "", "starts with a byte order mark; save it as UTF-8 without BOM")
    if not text.strip():
        raise InputError(where, "", "is empty; expected a JSON object")
    # With escapes gone, quotes alternate between opening and closing. A backslash outside a string breaks
    # this, but there json stops anyway, so the depth holds for all that json will read.
    outside = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    entries = sum(map(outside.count, ",[{"))
    if entries > MAX_ENTRIES:
        raise InputError(where, "", f"holds {entries:,} entries; at most {MAX_ENTRIES:,}")
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", outside):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise InputError(where, "", f"is nested too deeply; at most {MAX_DEPTH} levels")
        if depth < 0:
            return


class _Problems(list[tuple[str, str]]):
    """What is wrong, as (path, why); keeps the first `MAX_ERRORS`."""

    def add(self, path: str, why: str) -> None:
        """Note one problem, unless the list is full."""
        if len(self) < MAX_ERRORS:
            self.append((path, why))


def _value(raw: object, path: str, problems: _Problems) -> object:
    if isinstance(raw, _Object):
        return _object(raw, path, problems)
    if isinstance(raw, list):
        return [_value(item, f"{path}[{index}]", problems) for index, item in enumerate(raw)]
    if isinstance(raw, _Number):
        return _number(raw, path, problems)
    if isinstance(raw, str):
        return _text(raw, path, "text", problems)
    return raw


def _object(raw: _Object, path: str, problems: _Problems) -> dict[str, object]:
    result: dict[str, object] = {}
    for raw_key, value in raw:
        key = _text(raw_key, path, "a key", problems)
        if key is None:
            continue
        here = f"{path}.{key}" if path else key
        if key in result:
            problems.add(here, "the key appears twice")
        result[key] = _value(value, here, problems)
    return result


def _text(raw: str, path: str, name: str, problems: _Problems) -> str | None:
    text = raw
    if len(raw) <= MAX_STRING and not unicodedata.is_normalized("NFC", raw):
        if _has_stacked_marks(raw):
            problems.add(path, f"{name} has more than {MAX_MARKS} combining marks in a row")
            return None
        text = unicodedata.normalize("NFC", raw)
    if len(text) > MAX_STRING:
        problems.add(path, f"{name} of {len(text):,} characters; at most {MAX_STRING}")
    elif hidden := HIDDEN.search(text):
        problems.add(path, f"{name} has the hidden character U+{ord(hidden[0]):04X}; use visible text only")
    else:
        return text
    return None


def _has_stacked_marks(text: str) -> bool:
    """Whether sorting the marks, a part of normalisation, would take its quadratic time."""
    marks = bytes(unicodedata.combining(char) or char in SPLIT_INTO_MARKS for char in text)
    return re.search(rb"[^\0]{%d}" % (MAX_MARKS + 1), marks) is not None


def _number(raw: _Number, path: str, problems: _Problems) -> int | float | None:
    if len(raw) > MAX_NUMBER_LENGTH:
        problems.add(path, f"a number of {len(raw):,} characters; at most {MAX_NUMBER_LENGTH}")
        return None
    value = int(raw) if raw.removeprefix("-").isdigit() else float(raw)
    if not abs(value) <= MAX_NUMBER:
        problems.add(path, f"{raw} is not a usable number; allowed -1e15 to 1e15")
        return None
    return value


def _canonical(obj: object) -> object:
    if isinstance(obj, dict):
        result = {unicodedata.normalize("NFC", key): _canonical(value) for key, value in obj.items()}
        if len(result) < len(obj):
            raise ValueError("two keys are equal after Unicode normalisation")
        return result
    if isinstance(obj, list | tuple):
        return [_canonical(item) for item in obj]
    if isinstance(obj, str):
        return unicodedata.normalize("NFC", obj)
    if isinstance(obj, float) and obj.is_integer() and abs(obj) < 2**53:
        return int(obj)
    return obj
