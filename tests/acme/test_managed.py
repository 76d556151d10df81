import os
from types import SimpleNamespace

import pytest

from forkproxy.acme.managed import Managed, Shown, take_up
from forkproxy.config.issuers import Issuer, Wanted
from forkproxy.net.tls_certificate import Certificate, TlsError
from tests.support.tls import folder


def managed(path, *names):
    return Managed(Wanted((Issuer("ca", str(path)),), names))


def put(one, name="localhost"):
    """Put another certificate into the file of a managed one."""
    octets = (folder() / f"{name}.key").read_bytes() + (folder() / f"{name}.crt").read_bytes()
    fresh = f"{one.wanted.path}.new"
    with open(fresh, "wb") as file:
        file.write(octets)
    os.replace(fresh, one.wanted.path)


def handshake(name):
    return SimpleNamespace(server_name=name)


def test_a_file_is_read_when_it_is_another(tmp_path):
    one = managed(tmp_path, "a.test")
    assert not one.refresh()
    assert one.certificate is None
    put(one)
    assert one.refresh()
    first = one.certificate.fingerprint()
    assert not one.refresh()
    put(one, "other.test")
    take_up([one])
    assert one.certificate.fingerprint() != first


def test_a_file_that_makes_no_sense_changes_nothing(tmp_path):
    one = managed(tmp_path, "a.test")
    put(one)
    one.refresh()
    before = one.certificate
    (tmp_path / f"{one.wanted.name}.pem").write_bytes(b"half")
    with pytest.raises(TlsError):
        one.refresh()
    assert one.certificate is before


def test_before_there_is_one_a_handshake_fails_and_names_the_issuer(tmp_path):
    with pytest.raises(TlsError, match='issued yet by "ca"'):
        Shown([managed(tmp_path, "a.test")])(handshake(b"a.test"))


def test_the_first_is_shown_and_what_stands_in_for_it_until_then(tmp_path):
    first, second = managed(tmp_path, "a.test"), managed(tmp_path, "a.test", "b.test")
    shown = Shown([first, second])
    put(second)
    second.refresh()
    assert shown(handshake(b"a.test")) == (second.certificate,)
    put(first)
    first.refresh()
    assert shown(handshake(b"a.test")) == (first.certificate,)
    assert shown(handshake(None)) == (first.certificate,)


def test_a_name_that_only_the_second_has_is_shown_that(tmp_path):
    first, second = managed(tmp_path, "a.test"), managed(tmp_path, "a.test", "b.internal")
    for one in (first, second):
        put(one)
        one.refresh()
    assert Shown([first, second])(handshake(b"b.internal")) == (second.certificate,)


def test_certificates_out_of_files_are_shown_beside(tmp_path):
    octets = [(folder() / f"rsa{suffix}").read_bytes() for suffix in (".crt", ".key")]
    other = Certificate("rsa", octets[0], "rsa", octets[1])
    one = managed(tmp_path, "a.test")
    shown = Shown([one], [other])
    assert shown(handshake(b"a.test")) == (other,)
    put(one)
    one.refresh()
    assert shown(handshake(b"a.test")) == (one.certificate, other)
