"""Hostile scenario files and share links. Every one must be refused with an InputError and nothing else.

`DOCUMENTS` maps a name to the content of a file, text or bytes. `LINKS` maps a name to a token.
"""

import base64
import io
import json
import pickle
import zipfile
import zlib
from collections.abc import Iterator

from dosecost import link

SAMPLE: dict[str, object] = {
    "demand.patients": 120,
    "facility.rent": 412.5,
    "labour.shift_hours": 7.5,
    "monitoring.plate_price": {"low": 3.1, "base": 4.25, "high": 6.0},
    "process.platform": "closed automated",
}


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


def _nested(opening: str, closing: str, levels: int) -> str:
    return '{"a":' + opening * levels + "1" + closing * levels + "}"


def _flat(count: int) -> str:
    return json.dumps({f"k{i}": i for i in range(count)})


def _strings(text: str, count: int = 950) -> str:
    """The same text many times, and one fault at the end so that all are read."""
    return json.dumps({"a": [text] * count, "b": "\0"}, ensure_ascii=False)


DOCUMENTS: dict[str, str | bytes] = {
    # not JSON at all
    "empty": "",
    "only spaces": " \n\t ",
    "only NUL bytes": b"\0" * 1000,
    "yaml": "plan:\n  months: 12\n",
    "yaml alias bomb": "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n",
    "yaml python object": "!!python/object/apply:os.system ['id']",
    "toml": 'title = "plan"\n',
    "csv": "key,value\nrent,3\n",
    "xml with entities": '<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>',
    "html": "<script>alert(1)</script>",
    "python literal": "{'a': 1}",
    "python call": "__import__('os').system('id')",
    "pickle": pickle.dumps(SAMPLE),
    "pickle protocol 0": pickle.dumps(SAMPLE, protocol=0),
    "pickle with a call": b"cos\nsystem\n(S'id'\ntR.",
    "gzip": zlib.compress(b'{"a": 1}', wbits=31),
    "zip or workbook": _zip(),
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "png": b"\x89PNG\r\n\x1a\n",
    # encoding
    "utf-16": '{"a": 1}'.encode("utf-16"),
    "utf-16 without mark": '{"a": 1}'.encode("utf-16-le"),
    "utf-32": '{"a": 1}'.encode("utf-32"),
    "latin-1": '{"a": "\xe9"}'.encode("latin-1"),
    "overlong utf-8": b'{"a": "\xc0\xaf"}',
    "utf-8 surrogate bytes": b'{"a": "\xed\xa0\x80"}',
    "byte order mark": '\ufeff{"a": 1}',
    "byte order mark bytes": b'\xef\xbb\xbf{"a": 1}',
    # almost JSON
    "cut in the middle": '{"a": {"b": [1, 2',
    "cut in a string": '{"a": "hal',
    "cut in an escape": '{"a": "\\',
    "cut in a unicode escape": '{"a": "\\u12"}',
    "trailing comma": '{"a": 1,}',
    "comment": '{"a": 1} // note',
    "two documents": '{"a": 1}{"b": 2}',
    "single quotes": "{'a': '1'}",
    "bare key": "{a: 1}",
    "number as key": '{1: "a"}',
    "leading zero": '{"a": 012}',
    "hexadecimal": '{"a": 0x1F}',
    "plus sign": '{"a": +1}',
    "bare decimal point": '{"a": .5}',
    "thousands comma": '{"a": 1,000}',
    "arabic digits": '{"a": \u0661\u0662}',
    "mismatched brackets": '{"a": [1}]',
    "only closing brackets": "]" * 900_000,
    "closing then opening": "]" * 1000 + "[" * 4000,
    "only quotes": '"' * 900_000,
    "only backslashes": "\\" * 900_000,
    "only escaped quotes": '{"a": "' + '\\"' * 450_000,
    "backslash outside hides a quote": '{"a": \\"' + "[" * 4000,
    # wrong top level
    "top level list": "[1, 2]",
    "top level text": '"a"',
    "top level number": "1",
    "top level null": "null",
    "top level true": "true",
    "top level NaN": "NaN",
    # numbers
    "NaN": '{"a": NaN}',
    "Infinity": '{"a": Infinity}',
    "minus Infinity": '{"a": -Infinity}',
    "1e999": '{"a": 1e999}',
    "-1e999": '{"a": [0, -1e999]}',
    "1e16": '{"a": 1e16}',
    "just above the bound": '{"a": 1000000000000000.2}',
    "seventeen digits": '{"a": 12345678901234567}',
    "4,000 digits": '{"a": ' + "9" * 4000 + "}",
    "5,000 digits": '{"a": ' + "9" * 5000 + "}",
    "900,000 digits": '{"a": ' + "9" * 900_000 + "}",
    "900,000 decimals": '{"a": 0.' + "3" * 900_000 + "}",
    "900,000 digit exponent": '{"a": 1e' + "9" * 900_000 + "}",
    # keys
    "duplicate key": '{"a": 1, "a": 2}',
    "duplicate key, same value": '{"a": 1, "a": 1}',
    "duplicate key by escape": '{"a": 1, "\\u0061": 2}',
    "duplicate key after NFC": '{"\u00e9": 1, "e\u0301": 2}',
    "duplicate key, deep": '{"plan": {"phases": [{"months": 1, "months": 2}]}}',
    "1,000 duplicates": "{" + ",".join(['"a": 1'] * 1000) + "}",
    "key of 501 characters": json.dumps({"k" * 501: 1}),
    "key of 900,000 characters": json.dumps({"k" * 900_000: {str(i): i for i in range(4000)}}),
    "key with NUL": '{"a\\u0000b": 1}',
    "key with bidi override": '{"a\u202eb": 1}',
    # strings
    "text of 501 characters": json.dumps({"a": "x" * 501}),
    "text of 900,000 characters": json.dumps({"a": "x" * 900_000}),
    "text that grows in NFC": '{"a": "' + "\U0001d160" * 400 + '"}',
    "31 marks out of order": '{"a": "e' + "\u0301" * 30 + '\u0316"}',
    "combining marks, mixed": _strings("e" + "\u0316\u0301" * 249),
    "combining marks, in order": _strings("e" + "\u0316" * 249 + "\u0301" * 249),
    "combining marks, worst order": _strings("e" + "\u0301" * 249 + "\u0316" * 249),
    "combining marks, 30 in a row": _strings(("e" + "\u0301" * 15 + "\u0316" * 15) * 16),
    "characters that split into marks": _strings("\u0f73" * 330),
    "one mark in much ASCII": _strings("e\u0301" + "x" * 498, count=1900),
    "endless combining marks": '{"a": "e' + "\u0301\u0316" * 240_000 + '"}',
    "escaped NUL": '{"a": "\\u0000"}',
    "escaped newline": '{"a": "line\\nline"}',
    "escaped tab": '{"a": "col\\tcol"}',
    "raw newline": '{"a": "line\nline"}',
    "raw NUL": '{"a": "\0"}',
    "escape sequence": '{"a": "\\u001b[31m"}',
    "delete": '{"a": "\x7f"}',
    "C1 control": '{"a": "\x9b31m"}',
    "line separator": '{"a": "\u2028"}',
    "bidi override": '{"a": "\u202egnp.exe"}',
    "bidi isolate": '{"a": "\\u2066x\\u2069"}',
    "right-to-left mark": '{"a": "\u200f"}',
    "zero-width space": '{"a": "pl\u200ban"}',
    "tag characters": '{"a": "\U000e0041"}',
    "non-character": '{"a": "\uffff"}',
    "lone high surrogate": '{"a": "\\ud800"}',
    "lone low surrogate": '{"a": "\\udc00"}',
    "swapped surrogates": '{"a": "\\udc00\\ud800"}',
    "raw surrogate": '{"a": "\ud800"}',
    # size and shape
    "17 levels of lists": _nested("[", "]", 16),
    "17 levels of objects": _nested('{"a":', "}", 16),
    "2,000 levels": _nested("[", "]", 2000),
    "300,000 levels": _nested("[", "]", 300_000),
    "100,000 open objects": '{"a":' * 100_000,
    "deep after a bracket in text": '{"]]]]": "}}}}\\"]]]]", "a": ' + "[" * 17 + "]" * 17 + "}",
    "5,001 keys": _flat(5001),
    "60,000 keys": _flat(60_000),
    "5,001 elements": json.dumps({"a": [0] * 5001}),
    "300,000 empty objects": '{"a": [' + ",".join(["{}"] * 300_000) + "]}",
    "long path, many faults": '{"' + "k" * 500 + '":' + ('{"' + "k" * 500 + '":') * 14
    + "[" + ",".join(["NaN"] * 4900) + "]" + "}" * 15,
    "just above 1 MB of ASCII": '{"a": 1' + " " * 999_993 + "}",
    "just above 1 MB of UTF-8": json.dumps({"a": ["\u20ac" * 500] * 667}, ensure_ascii=False),
    "3 MB": b'{"a": "' + b"x" * 3_000_000 + b'"}',
}  # fmt: skip


def deflate(data: bytes) -> bytes:
    """Raw deflate at the highest level."""
    compress = zlib.compressobj(9, wbits=-15)
    return compress.compress(data) + compress.flush()


def seal(body: bytes, version: str = "1") -> str:
    """A token whose checksum is right, whatever the body holds."""
    return version + base64.urlsafe_b64encode(body + zlib.crc32(body).to_bytes(4, "big")).decode().rstrip("=")


def _links() -> Iterator[tuple[str, str]]:
    good = link.encode(SAMPLE)
    body = deflate(json.dumps(SAMPLE).encode())
    for end in range(1, len(good), max(1, len(good) // 40)):
        yield f"cut after {end} of {len(good)} characters", good[:end]
    yield "last character missing", good[:-1]
    yield "first character missing", good[1:]
    yield "a character missing inside", good[:50] + good[51:]
    yield "a character added inside", good[:50] + "A" + good[50:]
    yield "a character added at the end", good + "A"
    yield "four characters added at the end", good + "AAAA"
    yield "a character changed", good[:50] + ("B" if good[50] != "B" else "C") + good[51:]
    yield "two characters swapped", _swap(good)
    yield "lower case", good.lower()
    yield "twice", good + good
    yield "wrong version", "2" + good[1:]
    yield "right checksum, wrong version", seal(body, version="9")
    yield "no version", seal(body, version="")
    yield "checksum of zeros", "1" + base64.urlsafe_b64encode(body + bytes(4)).decode().rstrip("=")
    yield "checksum only", seal(b"")
    yield "version only", "1"
    yield "spare bits set", _spare_bits()
    yield "padding", good + "=" * (-(len(good) - 1) % 4 or 4)
    yield "space in front", " " + good
    yield "newline at the end", good + "\n"
    yield "plus for space", good[:40] + "+" + good[40:]
    yield "slash", "1" + "/" * 80
    yield "percent escapes", good[:40] + "%20" + good[40:]
    yield "script", "1<script>alert(1)</script>"
    yield "path", "../../etc/passwd"
    yield "digits of another script", "1" + "\u0661" * 40
    yield "full-width letters", "1" + "\uff21" * 40
    yield "NUL", "1\0" + good
    yield "bidi override", "1\u202e" + good
    yield "lone surrogate", "1\ud800" + good
    yield "8,193 characters", "1" + "A" * 8192
    yield "20,000 characters", "1" + "A" * 20_000
    yield "1,000,000 characters", "1" + "A" * 1_000_000
    yield "bomb of 257 kB", seal(deflate(b'{"a":"' + b"x" * 257_000 + b'"}'))
    yield "bomb of 5 MB", seal(deflate(bytes(5_000_000)))
    yield "bomb of 5 MB of spaces in JSON", seal(deflate(b'{"a":' + b" " * 5_000_000 + b"1}"))
    yield "bomb of 50 MB", seal(deflate(bytes(50_000_000)))
    yield "compressed twice", seal(deflate(body))
    yield "bomb compressed twice", seal(deflate(deflate(bytes(50_000_000))))
    yield "zlib header", seal(zlib.compress(json.dumps(SAMPLE).encode()))
    yield "gzip", seal(zlib.compress(json.dumps(SAMPLE).encode(), wbits=31))
    yield "not compressed", seal(json.dumps(SAMPLE).encode())
    yield "plain JSON", json.dumps(SAMPLE)
    yield "data after the end", seal(body + b"more")
    yield "second stream", seal(body + body)
    yield "stream without end", seal(body[:-1])
    yield "nothing inside", seal(deflate(b""))
    yield "pickle inside", seal(deflate(pickle.dumps(SAMPLE)))
    yield "yaml inside", seal(deflate(b"a: 1"))
    yield "list inside", seal(deflate(b"[1, 2]"))
    for name in ("NaN", "1e999", "duplicate key", "bidi override", "lone high surrogate", "2,000 levels",
                 "17 levels of lists", "5,001 elements", "900,000 digits", "byte order mark"):  # fmt: skip
        document = DOCUMENTS[name]
        assert isinstance(document, str)
        yield f"{name} inside", seal(deflate(document.encode()))


def _swap(token: str) -> str:
    at = next(i for i in range(30, len(token)) if token[i] != token[i + 1])
    return token[:at] + token[at + 1] + token[at] + token[at + 2 :]


def _spare_bits() -> str:
    """A good token, but with another last character that stands for the same bytes."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    tokens = (link.encode({"a": "abcdefgh"[:length]}) for length in range(8))
    token = next(token for token in tokens if len(token) % 4 == 0)
    return token[:-1] + alphabet[alphabet.index(token[-1]) + 1]


LINKS: dict[str, str] = dict(_links())
