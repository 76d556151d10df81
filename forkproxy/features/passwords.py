"""Passwords as htpasswd and nginx store them: is this the one?

Slow on purpose: crypt, apr1 and bcrypt take milliseconds, and are asked in a thread of the pool.
"""

from __future__ import annotations

import base64
import ctypes
import ctypes.util
import functools
import hashlib
import hmac
import threading

SLOW = ("$", "_")  # how hashes begin that take long
_APR1_ROUNDS = 1000
_ITOA64 = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CRYPT_DATA = 65536  # octets; libxcrypt's struct crypt_data has 32,768


def slow(stored: str) -> bool:
    """Tell whether to verify takes more than a moment."""
    return not stored.startswith("{")


def verify(password: bytes, stored: str) -> bool:
    """Tell whether a password is the stored one. False for what cannot be understood."""
    if stored.startswith("{PLAIN}"):
        return hmac.compare_digest(password, stored[7:].encode())
    if stored.startswith("{SHA}"):
        return _same_sha(password, stored[5:], salted=False)
    if stored.startswith("{SSHA}"):
        return _same_sha(password, stored[6:], salted=True)
    if stored.startswith("$apr1$"):
        made = _apr1(password, stored.encode())
    else:
        made = _crypt(password, stored.encode())
    return made is not None and hmac.compare_digest(made, stored.encode())


def _same_sha(password: bytes, text: str, *, salted: bool) -> bool:
    try:
        stored = base64.b64decode(text, validate=True)
    except ValueError:
        return False
    digest, salt = stored[:20], stored[20:] if salted else b""
    return len(digest) == 20 and hmac.compare_digest(
        hashlib.sha1(password + salt, usedforsecurity=False).digest(), digest
    )


@functools.cache
def library() -> ctypes.CDLL | None:
    """Return libcrypt, loaded once; None where the system has none.

    Through ctypes a call gives the interpreter free, so that threads verify side by side.
    """
    try:
        found = ctypes.CDLL(ctypes.util.find_library("crypt") or "libcrypt.so.1")
        found.crypt_r.restype = ctypes.c_char_p
        found.crypt_r.argtypes = (ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p)
    except (OSError, AttributeError):
        return None
    return found


_scratch = threading.local()


def _crypt(password: bytes, setting: bytes) -> bytes | None:
    """Hash as crypt(3): DES, MD5, SHA-2, bcrypt, yescrypt; None where it does not know how."""
    found = library()
    if found is None or b"\0" in password:
        return None
    if not hasattr(_scratch, "data"):
        _scratch.data = ctypes.create_string_buffer(_CRYPT_DATA)
    made: bytes | None = found.crypt_r(password, setting, _scratch.data)
    # A setting that is none gives "*0" or "*1", never the setting itself.
    return None if made is None or made.startswith(b"*") else made


def _apr1(password: bytes, setting: bytes) -> bytes | None:
    """Hash as Apache's $apr1$: MD5-crypt with another prefix."""
    salt = setting[6:].split(b"$")[0][:8]
    md5 = functools.partial(hashlib.md5, usedforsecurity=False)
    inner = md5(password + salt + password).digest()
    mixed = password + b"$apr1$" + salt
    length = len(password)
    mixed += (inner * (length // 16 + 1))[:length]
    bits = length
    while bits:
        mixed += b"\0" if bits & 1 else password[:1]
        bits >>= 1
    digest = md5(mixed).digest()
    for turn in range(_APR1_ROUNDS):
        mixed = password if turn & 1 else digest
        mixed += salt if turn % 3 else b""
        mixed += password if turn % 7 else b""
        mixed += digest if turn & 1 else password
        digest = md5(mixed).digest()
    return b"$apr1$" + salt + b"$" + _apr1_text(digest)


def _apr1_text(digest: bytes) -> bytes:
    text = bytearray()
    for first, second, third in ((0, 6, 12), (1, 7, 13), (2, 8, 14), (3, 9, 15), (4, 10, 5)):
        _put64(text, digest[first] << 16 | digest[second] << 8 | digest[third], 4)
    _put64(text, digest[11], 2)
    return bytes(text)


def _put64(text: bytearray, value: int, count: int) -> None:
    for _ in range(count):
        text.append(_ITOA64[value & 63])
        value >>= 6
