"""A scenario's changes as a short token for a link, and back; a damaged token never loads in part.

Token: version, then base64url (no padding) of raw deflate of canonical JSON followed by its CRC-32.
"""

import base64
import zlib

from dosecost import strictjson
from dosecost.errors import InputError

VERSION = "1"
MAX_LENGTH = 8_192
MAX_INFLATED = 256_000

OTHER_VERSION = "this link is from another version or was changed; open the scenario from its file"
DAMAGED = "this link is incomplete or was changed; open the scenario again from its file"
TOO_LONG = f"too much for a link (at most {MAX_LENGTH:,} characters); use the scenario's file instead"


def encode(changes: dict[str, object]) -> str:
    """The token for `changes`; '' when there are none.

    Text comes back in NFC. Raises InputError when `decode` would refuse the token, and ValueError or
    TypeError for what JSON cannot hold.
    """
    if not changes:
        return ""
    deflate = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    body = deflate.compress(strictjson.dumps(changes).encode()) + deflate.flush()
    token = VERSION + _to_base64(body + _checksum(body))
    decode(token)
    return token


def decode(token: str) -> dict[str, object]:
    """The changes that `token` holds; none for ''.

    Raises InputError when the token is too long, damaged, of another version, inflates to more than 256 kB,
    or does not hold strict JSON.
    """
    if not token:
        return {}
    if len(token) > MAX_LENGTH:
        raise InputError("link", "", TOO_LONG)
    if not token.startswith(VERSION):
        raise InputError("link", "", OTHER_VERSION)
    sealed = _from_base64(token.removeprefix(VERSION))
    body, checksum = sealed[:-4], sealed[-4:]
    if checksum != _checksum(body):
        raise InputError("link", "", DAMAGED)
    return strictjson.parse(_inflate(body), "link")


def _checksum(body: bytes) -> bytes:
    return zlib.crc32(body).to_bytes(4, "big")


def _to_base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _from_base64(text: str) -> bytes:
    """Takes only what `_to_base64` gives: no padding, spare bits or characters that decoding would skip."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise InputError("link", "", DAMAGED) from None
    if _to_base64(data) != text:
        raise InputError("link", "", DAMAGED)
    return data


def _inflate(body: bytes) -> str:
    inflate = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        data = inflate.decompress(body, MAX_INFLATED + 1)
        if len(data) > MAX_INFLATED:
            raise InputError("link", "", TOO_LONG)
        if not inflate.eof or inflate.unused_data:
            raise InputError("link", "", DAMAGED)
        return data.decode()
    except (zlib.error, UnicodeDecodeError):
        raise InputError("link", "", DAMAGED) from None
