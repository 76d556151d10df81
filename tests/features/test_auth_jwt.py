"""auth_jwt: who has a signed token comes in, and what it says can be used."""

import contextlib
import json
import time

import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from tests.support.client import get
from tests.support.inside import proxying
from tests.support.origin import answers, response

KEY = OctKey.generate_key(256, auto_kid=False)
SET = json.dumps({"keys": [KEY.as_dict(private=True)]}).encode()
SHOW = "add_header X-Sub $jwt_claim_sub always;"


def token(key=KEY, **claims):
    return jws.serialize_compact({"alg": "HS256"}, json.dumps(claims), key).encode()


def bearer(text):
    return b"Authorization: Bearer " + text


@contextlib.contextmanager
def site(conf="auth_jwt api; auth_jwt_key_file %PREFIX%/keys;", script=None, **given):
    conf = f"root %PREFIX%; {conf} {SHOW}"
    with proxying(script or answers(response(SET)), conf, **given) as server:
        server.write("file", b"file")
        server.write("keys", SET)
        yield server


def ask(server, *fields, target=b"/file"):
    return get(server.address, target, *fields)


def test_a_token_of_ours_lets_in_and_can_be_used():
    with site() as server:
        for _ in range(2):
            found = ask(server, bearer(token(sub="ada")))
            assert (found.status, found.get(b"x-sub")) == (200, b"ada")


def test_who_has_none_is_asked():
    with site() as server:
        found = ask(server)
        assert found.status == 401
        assert found.get(b"www-authenticate") == b'Bearer realm="api"'


def test_a_token_of_another_is_refused_and_not_logged():
    with site() as server:
        text = token(OctKey.generate_key(256), sub="eve")
        found = ask(server, bearer(text))
        assert found.status == 401
        assert found.get(b"www-authenticate") == b'Bearer realm="api", error="invalid_token"'
        assert b"x-sub" not in found
        assert "JWT is not accepted: signature does not fit" in server.errors()
        assert text.decode() not in server.errors()


def test_a_token_that_was_good_and_has_ended_is_refused():
    with site() as server:
        text = token(exp=time.time() + 0.3)
        assert ask(server, bearer(text)).status == 200
        while time.time() < json.loads(jws.extract_compact(text).payload)["exp"]:
            ask(server, bearer(text))
        assert ask(server, bearer(text)).status == 401


def test_clocks_may_differ():
    conf = "auth_jwt a; auth_jwt_key_file %PREFIX%/keys; auth_jwt_leeway 60s;"
    with site(conf) as server:
        assert ask(server, bearer(token(exp=time.time() - 30))).status == 200


def test_the_token_may_be_elsewhere():
    conf = "auth_jwt a token=$arg_t; auth_jwt_key_file %PREFIX%/keys;"
    with site(conf) as server:
        assert ask(server, target=b"/file?t=" + token(sub="a")).status == 200
        assert ask(server, bearer(token(sub="a"))).status == 401


def test_a_claim_may_be_required():
    conf = """
        auth_jwt a; auth_jwt_key_file %PREFIX%/keys;
        auth_jwt_require $jwt_claim_admin error=403;
    """
    with site(conf) as server:
        assert ask(server, bearer(token(admin=True))).status == 200
        assert ask(server, bearer(token(admin=0))).status == 403
        assert ask(server, bearer(token())).status == 403


def test_claims_inside_of_others_have_variables_of_their_own():
    http = "auth_jwt_claim_set $city address city; auth_jwt_header_set $kind alg;"
    conf = 'auth_jwt a; auth_jwt_key_file %PREFIX%/keys; add_header X "[$city] $kind";'
    with site(conf, http=http) as server:
        found = ask(server, bearer(token(address={"city": "Ulm"})))
        assert found.get(b"x") == b"[Ulm] HS256"
        assert ask(server, bearer(token(address=5))).get(b"x") == b"[] HS256"


KEYS_ASKED = """
    auth_jwt a; auth_jwt_key_request /keys-of-ours; {}
    location = /keys-of-ours {{ internal; proxy_pass http://%ORIGIN%; }}
"""


def test_keys_may_be_asked_for():
    with site(KEYS_ASKED.format("")) as server:
        for _ in range(2):
            assert ask(server, bearer(token(sub="a"))).status == 200
        assert len(server.origin.requests) == 2


def test_keys_that_were_asked_for_may_be_kept():
    with site(KEYS_ASKED.format("auth_jwt_key_cache 1h;")) as server:
        for _ in range(2):
            assert ask(server, bearer(token(sub="a"))).status == 200
        assert len(server.origin.requests) == 1


@pytest.mark.parametrize("answer", [response(b"x"), response(SET, status=b"500 Oh")])
def test_without_keys_nobody_comes_in(answer):
    with site(KEYS_ASKED.format(""), answers(answer)) as server:
        assert ask(server, bearer(token(sub="a"))).status == 401
        assert "cannot be used" in server.errors()


def test_a_key_file_that_is_not_there_lets_nobody_in():
    with site("auth_jwt a; auth_jwt_key_file none;") as server:
        assert ask(server, bearer(token(sub="a"))).status == 401


def test_off_takes_it_away():
    conf = "auth_jwt a; auth_jwt_key_file %PREFIX%/keys; location /file { auth_jwt off; }"
    with site(conf) as server:
        assert ask(server).status == 200
