"""JSON Web Tokens: what is signed by a key of ours, and holds, is taken; nothing else is."""

import base64
import hmac
import json

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from forkproxy.features.tokens import LONGEST, TokenError, read_keys, shown, verify

NOW = 1_000_000.0
KEYS = {
    "RS256": RSAKey.generate_key(2048, auto_kid=False),
    "ES256": ECKey.generate_key("P-256", auto_kid=False),
    "HS256": OctKey.generate_key(256, auto_kid=False),
    "EdDSA": OKPKey.generate_key("Ed25519", auto_kid=False),
}


def key_set(*names, **more):
    private = [KEYS[name].as_dict(private=name == "HS256") | more for name in names]
    return read_keys(json.dumps({"keys": private}).encode())


def token(alg="ES256", claims=None, key=None, **header):
    payload = json.dumps({"sub": "ada"} | (claims or {})).encode()
    return jws.serialize_compact(
        {"alg": alg} | header, payload, key or KEYS[alg], algorithms=[alg]
    ).encode()


def encoded(data):
    return base64.urlsafe_b64encode(json.dumps(data).encode()).rstrip(b"=")


@pytest.mark.parametrize("alg", KEYS)
def test_what_our_key_has_signed_is_taken(alg):
    found = verify(token(alg), key_set(alg), NOW, 0.0)
    assert found.claims == {"sub": "ada"}
    assert found.header["alg"] == alg
    assert json.loads(found.payload) == {"sub": "ada"}


@pytest.mark.parametrize("alg", KEYS)
def test_what_another_key_has_signed_is_not(alg):
    others = [name for name in KEYS if name != alg]
    with pytest.raises(TokenError, match="no key fits"):
        verify(token(alg), key_set(*others), NOW, 0.0)


def test_a_signature_that_was_changed_is_not_taken():
    text = token()
    broken = text[:-4] + (b"AAAA" if text[-4:] != b"AAAA" else b"BBBB")
    with pytest.raises(TokenError, match="signature does not fit"):
        verify(broken, key_set("ES256"), NOW, 0.0)


def test_none_is_no_algorithm():
    for name in ("none", "None", "NONE"):
        text = encoded({"alg": name}) + b"." + encoded({"sub": "eve"}) + b"."
        with pytest.raises(TokenError):
            verify(text, key_set(*KEYS), NOW, 0.0)


def test_a_public_key_is_no_secret():
    public = KEYS["RS256"].as_pem(private=False)
    signed = encoded({"alg": "HS256"}) + b"." + encoded({"sub": "eve"})
    mark = base64.urlsafe_b64encode(hmac.digest(public, signed, "sha256")).rstrip(b"=")
    forged = signed + b"." + mark
    with pytest.raises(TokenError, match="no key fits"):
        verify(forged, key_set("RS256"), NOW, 0.0)


def test_a_key_checks_what_it_says_and_nothing_else():
    with pytest.raises(TokenError, match="no key fits"):
        verify(token("RS256"), key_set("RS256", alg="RS512"), NOW, 0.0)
    with pytest.raises(TokenError, match="no key fits"):
        verify(token("RS256"), key_set("RS256", use="enc"), NOW, 0.0)


def test_the_name_of_a_key_chooses_it():
    keys = key_set("ES256", kid="one")
    assert verify(token(kid="one"), keys, NOW, 0.0)
    assert verify(token(), keys, NOW, 0.0)
    with pytest.raises(TokenError, match="no key fits"):
        verify(token(kid="two"), keys, NOW, 0.0)


@pytest.mark.parametrize(
    ("claims", "leeway", "taken"),
    [
        ({"exp": NOW + 1}, 0.0, True),
        ({"exp": NOW}, 0.0, False),
        ({"exp": NOW - 5}, 10.0, True),
        ({"nbf": NOW + 1}, 0.0, False),
        ({"nbf": NOW + 5}, 10.0, True),
        ({"exp": "soon"}, 0.0, False),
        ({"exp": True}, 0.0, False),
        ({"exp": 1e300}, 0.0, False),
        ({"nbf": None}, 0.0, False),
    ],
)
def test_a_token_holds_for_its_time(claims, leeway, taken):
    text = token(claims=claims)
    if taken:
        assert verify(text, key_set("ES256"), NOW, leeway)
    else:
        with pytest.raises(TokenError):
            verify(text, key_set("ES256"), NOW, leeway)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"a",
        b"..",
        b"a.b.c",
        b"a.b.c.d",
        b"\xff.\xff.\xff",
        encoded([]) + b"." + encoded({}) + b".AA",
        encoded({"alg": 5}) + b"." + encoded({}) + b".AA",
        encoded({"alg": ["ES256"]}) + b"." + encoded({}) + b".AA",
        encoded({"alg": "ES256", "crit": ["b64"], "b64": False}) + b"." + encoded({}) + b".AA",
        b"." * 100_000,
        b"A" * (LONGEST + 1),
    ],
)
def test_what_is_no_token_is_refused_in_a_moment(text):
    with pytest.raises(TokenError):
        verify(text, key_set(*KEYS), NOW, 0.0)


@pytest.mark.parametrize("payload", [b"5", b"no json", b"[]", b"\xff"])
def test_claims_are_an_object(payload):
    text = jws.serialize_compact(
        {"alg": "ES256"}, payload, KEYS["ES256"], algorithms=["ES256"]
    ).encode()
    with pytest.raises(TokenError, match="claims are no"):
        verify(text, key_set("ES256"), NOW, 0.0)


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"keys": {}}', b"\xff"])
def test_what_is_no_key_set_is_an_error(text):
    with pytest.raises(ValueError):
        read_keys(text)


def test_keys_that_we_do_not_understand_are_passed_over():
    others = [{"kty": "x"}, 5, {"kty": "RSA"}, {"kty": "oct", "k": 5}, {"kty": "EC", "crv": "x"}]
    good = KEYS["ES256"].as_dict(private=False)
    assert len(read_keys(json.dumps({"keys": [*others, good]}).encode())) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", b"a"),
        (5, b"5"),
        (["a", 2], b"a,2"),
        ({"a": 1}, b'{"a":1}'),
        (True, b"true"),
        (None, None),
    ],
)
def test_claims_are_shown_as_text(value, text):
    assert shown(value) == text
