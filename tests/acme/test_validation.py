import hashlib

import pytest
from cryptography import x509

from forkproxy.acme.folder import Folder, http_answer, validation
from forkproxy.acme.validation import (
    Proof,
    ValidationFailedError,
    alpn_certificate,
    alpn_name,
)
from forkproxy.config.directives.acme import Challenge

TOKEN = "t" * 43
TEXT = f"{TOKEN}.thumbprint"


def proof(path, kind, name="a.test", hook=""):
    return Proof(Folder(str(path)), Challenge(kind, hook), name, TOKEN, TEXT)


def test_by_http_the_answer_lies_there_until_it_is_cleared(tmp_path):
    one = proof(tmp_path, "http-01")
    one.lay_out()
    assert http_answer((str(tmp_path),), TOKEN) == TEXT.encode()
    one.clear()
    assert http_answer((str(tmp_path),), TOKEN) is None


def test_by_tls_a_certificate_lies_there(tmp_path):
    one = proof(tmp_path, "tls-alpn-01")
    one.lay_out()
    assert validation((str(tmp_path),), "a.test").startswith(b"-----BEGIN PRIVATE KEY")
    one.clear()
    assert validation((str(tmp_path),), "a.test") is None


def test_the_certificate_holds_the_digest_of_the_answer():
    found = x509.load_pem_x509_certificate(alpn_certificate("a.test", TEXT.encode()))
    (held,) = [one for one in found.extensions if one.critical]
    assert held.oid.dotted_string == "1.3.6.1.5.5.7.1.31"
    assert held.value.value == b"\x04\x20" + hashlib.sha256(TEXT.encode()).digest()


def test_an_address_is_asked_for_by_its_reverse_name():
    assert alpn_name("10.0.0.1") == "1.0.0.10.in-addr.arpa"
    assert alpn_name("a.test") == "a.test"


@pytest.fixture
def hook(tmp_path):
    made = tmp_path / "hook"
    made.write_text(f'#!/bin/sh\necho "$@" >>{tmp_path}/said\n[ "$2" != _acme-challenge.no.test ]')
    made.chmod(0o755)
    return str(made)


def test_by_dns_a_program_writes_and_removes_the_record(tmp_path, hook):
    one = proof(tmp_path, "dns-01", hook=hook)
    one.lay_out()
    one.clear()
    value = "OmsY7OKYbfPEJCGqzn2OdXvSXcYcxZGK4dVUyyFQ8ks"
    said = (tmp_path / "said").read_text().splitlines()
    assert [line.split()[:2] for line in said] == [
        ["present", "_acme-challenge.a.test"],
        ["cleanup", "_acme-challenge.a.test"],
    ]
    assert len(said[0].split()[2]) == len(value)


def test_a_program_that_fails_is_named(tmp_path, hook):
    with pytest.raises(ValidationFailedError, match="hook present ended with 1"):
        proof(tmp_path, "dns-01", "no.test", hook).lay_out()
    with pytest.raises(ValidationFailedError, match="none"):
        proof(tmp_path, "dns-01", hook="/none").lay_out()
