import pytest

from forkproxy.acme import keys, obtain
from forkproxy.acme.folder import Folder
from forkproxy.acme.obtain import FailedError
from forkproxy.config.directives.acme import Challenge, Key
from forkproxy.config.issuers import Issuer, Wanted
from tests.support import pebble
from tests.support.pebble import Pebble
from tests.support.sockets import free_port
from tests.support.tls import folder

needs_pebble = pytest.mark.skipif(not pebble.installed(), reason="pebble is not installed")


@pytest.fixture(scope="module")
def authority():
    with Pebble(free_port(), free_port()) as started:
        yield started


def internal(path):
    return Issuer("internal", str(path))


def nobody(path):
    return Issuer("nobody", str(path), f"http://127.0.0.1:{free_port()}/")


def asked(authority, path, **more):
    trusted = f"{folder()}/ca.pem"
    return Issuer("ca", str(path), authority.directory, trusted=trusted, terms=True, **more)


def test_where_one_issuer_is_away_the_next_is_asked(tmp_path):
    found = obtain.obtain(Wanted((nobody(tmp_path), internal(tmp_path)), ("a.test",)), None)
    assert found.issuer == "internal"
    assert keys.life(found.pem)


def test_where_all_are_away_that_is_said(tmp_path):
    with pytest.raises(FailedError, match="nobody: cannot reach the issuer: ") as error:
        obtain.obtain(Wanted((nobody(tmp_path),), ("a.test",)), None)
    assert not error.value.reached


@pytest.fixture
def hook(tmp_path, authority):
    """A program that tells the name server of the test."""
    made = tmp_path / "hook"
    made.write_text(
        "#!/bin/sh\n"
        'case "$1" in present) path=set-txt;; *) path=clear-txt;; esac\n'
        f'exec curl -s -d "{{\\"host\\":\\"$2.\\",\\"value\\":\\"$3\\"}}" '
        f"http://{authority.records}/$path\n"
    )
    made.chmod(0o755)
    return str(made)


@needs_pebble
def test_a_wildcard_is_proved_by_dns(authority, tmp_path, hook):
    issuer = asked(authority, tmp_path, challenge=Challenge("dns-01", hook))
    found = obtain.obtain(Wanted((issuer,), ("w.test", "*.w.test"), Key("rsa", 2048)), None)
    assert found.issuer == "ca"
    assert "Pebble" in keys.issuer(found.pem)
    assert keys.read(found.pem).key_size == 2048
    assert list(tmp_path.glob("*.order")) == []


@needs_pebble
def test_a_name_that_cannot_be_proved_is_named_and_nothing_stays(authority, tmp_path):
    issuer = asked(authority, tmp_path)
    with pytest.raises(FailedError, match=r"ca: a\.test: .*onnection refused") as error:
        obtain.obtain(Wanted((issuer,), ("a.test",)), None)
    assert error.value.reached
    assert list((tmp_path / "http-01").iterdir()) == []
    assert list(tmp_path.glob("*.order")) == []


@needs_pebble
def test_a_challenge_that_is_not_offered_is_said(authority, tmp_path, hook):
    issuer = asked(authority, tmp_path, challenge=Challenge("tls-alpn-01"))
    with pytest.raises(FailedError, match=r"no tls-alpn-01 for w2\.test, only dns-01"):
        obtain.obtain(Wanted((issuer,), ("*.w2.test",)), None)


@needs_pebble
def test_an_order_that_was_begun_is_gone_on_with(authority, tmp_path, hook):
    issuer = asked(authority, tmp_path, challenge=Challenge("dns-01", hook))
    wanted = Wanted((issuer,), ("r.test",))
    session = obtain.protocol.Session(issuer, Folder(str(tmp_path)))
    key = keys.make(Key())
    order = session.order(keys.request(wanted.identifiers, key), wanted.identifiers, "")
    note = {"uri": order.uri, "key": keys.pem(key).decode()}
    Folder(str(tmp_path)).write_json(f"{wanted.name}.order", note)
    found = obtain.obtain(wanted, None)
    assert keys.read(found.pem).public_key() == key.public_key()


@needs_pebble
def test_only_who_has_signed_revokes(authority, tmp_path, hook):
    issuer = asked(authority, tmp_path, challenge=Challenge("dns-01", hook))
    wanted = Wanted((issuer,), ("v.test",))
    found = obtain.obtain(wanted, None)
    assert obtain.withdraw(wanted, "other", found.pem) == '"other" cannot revoke'
    assert obtain.withdraw(wanted, "ca", found.pem) == ""
    assert obtain.withdraw(wanted, "ca", found.pem) == ""
