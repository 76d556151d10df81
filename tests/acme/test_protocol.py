import datetime
import http.server
import json
import re
import threading

import pytest
import requests
from acme import errors, messages
from josepy import jwk

from forkproxy import clock
from forkproxy.acme import internal, keys, protocol
from forkproxy.acme.folder import Folder
from forkproxy.config.directives.acme import ExternalAccount, Key, Profile
from forkproxy.config.issuers import Issuer, Wanted
from tests.support import pebble
from tests.support.authority import Authority
from tests.support.pebble import Pebble
from tests.support.tls import folder

needs_pebble = pytest.mark.skipif(not pebble.installed(), reason="pebble is not installed")
KEY = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"


@pytest.fixture(scope="module")
def authority():
    with Pebble(1, 1) as started:
        yield started


@pytest.fixture
def state(tmp_path):
    return Folder(str(tmp_path))


def issuer(authority, state, **more):
    given = {"trusted": f"{folder()}/ca.pem", "terms": True, "uri": authority.directory} | more
    return Issuer("ca", str(state.path), **given)


@needs_pebble
def test_an_account_is_made_once(authority, state):
    one = protocol.Session(issuer(authority, state), state)
    two = protocol.Session(issuer(authority, state), state)
    assert one.net.account.uri == two.net.account.uri
    assert one.thumbprint == two.thumbprint


@needs_pebble
@pytest.mark.parametrize("kind", [Key("ecdsa", 384), Key("rsa", 2048)])
def test_an_account_is_found_again_by_its_key(authority, state, kind):
    key = keys.pem(keys.make(kind)).decode()
    one = protocol.Session(issuer(authority, state, account_key=key), state)
    state.remove(protocol.ACCOUNT)
    two = protocol.Session(issuer(authority, state, account_key=key), state)
    assert one.net.account.uri == two.net.account.uri


@needs_pebble
def test_terms_that_nobody_agreed_to_are_shown(authority, state):
    with pytest.raises(errors.Error, match="accept_terms_of_service is missing; the terms are"):
        protocol.Session(issuer(authority, state, terms=False), state)


@needs_pebble
def test_a_server_of_an_unknown_authority_is_not_talked_to(authority, state):
    with pytest.raises(requests.RequestException) as error:
        protocol.Session(issuer(authority, state, trusted=""), state)
    assert protocol.unreached(error.value)
    assert "certificate verify failed" in protocol.reason_of(error.value)
    protocol.Session(issuer(authority, state, trusted="", verify=False), state)


@needs_pebble
def test_a_profile_that_is_required_and_not_there_is_said(authority, state):
    session = protocol.Session(issuer(authority, state, profile=Profile("short", True)), state)
    request = keys.request(["a.test"], keys.make(Key()))
    with pytest.raises(errors.Error, match='no profile "short"'):
        session.order(request, ("a.test",), "")


@needs_pebble
def test_an_account_elsewhere_is_bound(state):
    with Pebble(1, 1, external={"kid-1": KEY}) as authority:
        with pytest.raises(errors.Error, match="external_account_key is missing"):
            protocol.Session(issuer(authority, state), state)
        bound = issuer(authority, state, external=ExternalAccount("kid-1", KEY))
        assert protocol.Session(bound, state).net.account.uri


@needs_pebble
def test_an_authority_without_opinions_has_none(authority, state):
    session = protocol.Session(issuer(authority, state), state)
    certificate, _ = Authority().issue("a.test")
    assert session.suggestion(certificate)[0] is None


def with_an_authority(state):
    """Return a certificate that names the key of who signed it."""
    return keys.chain(internal.issue(state, Wanted((), ("a.test",))))


def test_a_certificate_is_called_by_its_authority_and_its_number(state):
    found = protocol.mark(with_an_authority(state))
    assert re.fullmatch(r"[A-Za-z0-9_-]{27}\.[A-Za-z0-9_-]+", found)
    certificate, _ = Authority().issue("a.test")
    assert protocol.mark(certificate) == ""


def test_reasons_are_one_line():
    inner = messages.Error(typ="urn:ietf:params:acme:error:dns", detail="no\nsuch  name")
    assert protocol.reason_of(inner) == "no such name"
    assert protocol.reason_of(errors.TimeoutError()) == "the issuer did not come to an end in time"
    assert protocol.reason_of(ValueError("a\nb")) == "a b"
    assert protocol.reason_of(errors.IssuanceError(inner)) == "no such name"


def test_who_is_away_is_told_from_who_refuses():
    busy = messages.Error(typ="urn:ietf:params:acme:error:serverInternal")
    full = messages.Error(typ="urn:ietf:params:acme:error:rateLimited")
    assert protocol.unreached(requests.ConnectionError())
    assert protocol.unreached(busy)
    assert not protocol.unreached(full)


class Opinions(http.server.BaseHTTPRequestHandler):
    """An authority that can do nothing but say when to renew."""

    def do_GET(self):
        base = f"http://127.0.0.1:{self.server.server_port}"
        told = {"newNonce": base, "newAccount": base, "renewalInfo": f"{base}/ari"}
        if self.path != "/":
            times = {"start": "2031-01-01T00:00:00Z", "end": "2031-01-02T00:00:00Z"}
            told = {"suggestedWindow": times}
            self.server.asked.append(self.path)
        octets = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Retry-After", "1000")
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *_):
        pass


@pytest.fixture
def opinions():
    with http.server.HTTPServer(("127.0.0.1", 0), Opinions) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_opinion_is_a_moment_in_the_window_and_when_to_ask_again(opinions, state):
    key = keys.make(Key())
    state.write(protocol.ACCOUNT_KEY, keys.pem(key))
    uri = f"http://127.0.0.1:{opinions.server_port}/"
    thumbprint = keys.base64url(jwk.JWKEC(key=key).thumbprint())
    state.write_json(protocol.ACCOUNT, {"directory": uri, "key": thumbprint, "uri": uri + "me"})
    certificate = with_an_authority(state)
    session = protocol.Session(Issuer("ca", str(state.path), uri), state)
    at, again = session.suggestion(certificate)
    start = datetime.datetime(2031, 1, 1, tzinfo=datetime.UTC).timestamp()
    assert start <= at <= start + 86400
    assert 900 < again - clock.wall() <= 1000
    assert opinions.asked == [f"/ari/{protocol.mark(certificate)}"]
