"""JSON Web Tokens: is this one signed by one of these keys, and does it hold now?

joserfc checks the signatures. Which key may check which algorithm is decided by the key alone: a
public key never verifies an HMAC, and "none" is no algorithm (RFC 8725 §3.1).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry

ALGORITHMS: dict[str, tuple[str, ...]] = {
    "oct": ("HS256", "HS384", "HS512"),
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "EC": ("ES256", "ES384", "ES512"),
    "OKP": ("EdDSA",),
}
LONGEST = 16384  # octets of a token
_LATEST = 1e12  # seconds: what is beyond is no time


class TokenError(Exception):
    """The token does not let in; the text says why, and has nothing of the token."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a set: what it may check, and how it is named."""

    key: Any
    algorithms: tuple[str, ...]
    kid: str | None


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was verified: header and claims, and the octets of the claims."""

    header: dict[str, Any]
    claims: dict[str, Any]
    payload: bytes


def read_keys(text: bytes) -> tuple[Key, ...]:
    """Read a JSON Web Key Set (RFC 7517 §5). Raises ValueError where it is none.

    Keys that we do not understand are passed over, as the RFC asks.
    """
    found = json.loads(text)
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise ValueError('no list of "keys"')
    return tuple(key for one in found["keys"] if (key := _key(one)) is not None)


def _key(data: Any) -> Key | None:
    if not isinstance(data, dict) or data.get("use", "sig") != "sig":
        return None
    algorithms = ALGORITHMS.get(str(data.get("kty")), ())
    if "alg" in data:
        algorithms = tuple(one for one in algorithms if one == data["alg"])
    if not algorithms:
        return None
    try:
        return Key(JWKRegistry.import_key(data), algorithms, data.get("kid"))
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def verify(text: bytes, keys: Iterable[Key], now: float, leeway: float) -> Token:
    """Return the token of a text. Raises TokenError."""
    if len(text) > LONGEST:
        raise TokenError("token is too long")
    header = _header(text)
    algorithm, kid = header.get("alg"), header.get("kid")
    fitting = [
        key
        for key in keys
        if algorithm in key.algorithms and (kid is None or key.kid is None or key.kid == kid)
    ]
    if not fitting:
        raise TokenError("no key fits the token")
    payload = next((found for key in fitting if (found := _payload(text, key, algorithm))), None)
    if payload is None:
        raise TokenError("signature does not fit")
    try:
        claims = json.loads(payload)
    except ValueError:
        raise TokenError("claims are no JSON") from None
    if not isinstance(claims, dict):
        raise TokenError("claims are no object")
    _check_times(claims, now, leeway)
    return Token(header, claims, payload)


def _header(text: bytes) -> dict[str, Any]:
    if text.count(b".") != 2:
        raise TokenError("token has not three parts")
    try:
        header = jws.extract_compact(text).headers()
    except (JoseError, ValueError, TypeError):
        raise TokenError("token cannot be read") from None
    if header.get("crit"):
        # RFC 7515 §4.1.11: what must be understood and is not makes the token invalid.
        raise TokenError("token asks for extensions")
    return header


def _payload(text: bytes, key: Key, algorithm: Any) -> bytes | None:
    try:
        return jws.deserialize_compact(text, key.key, algorithms=[algorithm]).payload
    except (JoseError, ValueError, TypeError):
        return None


def _check_times(claims: dict[str, Any], now: float, leeway: float) -> None:
    """RFC 7519 §4.1.4 and §4.1.5."""
    if "exp" in claims and _instant(claims["exp"]) + leeway <= now:
        raise TokenError("token has expired")
    if "nbf" in claims and _instant(claims["nbf"]) - leeway > now:
        raise TokenError("token does not hold yet")


def _instant(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TokenError("a time is no number")
    if abs(value) > _LATEST:
        raise TokenError("a time is no time")
    return float(value)


def shown(value: Any) -> bytes | None:
    """Return a claim as text: strings as they are, lists with commas, the rest as JSON."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    if isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        return ",".join(str(one) for one in value).encode("utf-8", "replace")
    return json.dumps(value, separators=(",", ":")).encode()
