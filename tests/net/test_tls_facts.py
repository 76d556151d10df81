"""What is known of a connection and of the other side's certificate, by $ssl_*."""

import ssl

import pytest

from tests.support.inside import Inside
from tests.support.tls import TlsClient, folder, server_lines

VERIFY = "ssl_verify_client optional_no_ca; ssl_client_certificate {0}/ca.pem;"


def shown(variable, **client):
    """Return what a variable is worth on a client's connection."""
    text = (
        f"server {{ listen %PORT% ssl; {server_lines()} {VERIFY.format(folder())} "
        f'return 200 "{variable}"; }}'
    )
    with Inside(text) as server, TlsClient(server.address, **client) as connection:
        return connection.get().body.decode()


def test_version_and_cipher():
    found = shown("$ssl_protocol $ssl_cipher", version=ssl.TLSVersion.TLSv1_2)
    assert found == "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384"
    assert shown("$ssl_protocol", version=ssl.TLSVersion.TLSv1_3) == "TLSv1.3"


def test_curves():
    assert shown("$ssl_curve") in shown("$ssl_curves").split(":")


def test_what_the_client_offered():
    assert "TLS_AES_256_GCM_SHA384" in shown("$ssl_ciphers").split(":")


def test_without_a_certificate_there_are_no_facts_of_one():
    found = shown("$ssl_client_verify:$ssl_client_cert$ssl_client_serial$ssl_client_s_dn:")
    assert found == "NONE::"


def test_names_of_a_certificate():
    assert shown("$ssl_client_s_dn|$ssl_client_i_dn", certificate="client") == (
        "CN=client|CN=Test Root"
    )
    assert shown("$ssl_client_s_dn_legacy|$ssl_client_i_dn_legacy", certificate="client") == (
        "/CN=client|/CN=Test Root"
    )


def test_the_certificate_itself():
    pem = (folder() / "client.crt").read_text()
    assert shown("$ssl_client_raw_cert", certificate="client") == pem
    assert shown("$ssl_client_cert", certificate="client") == pem.rstrip().replace("\n", "\n\t")
    assert "%0A" in shown("$ssl_client_escaped_cert", certificate="client")


def test_numbers_and_moments_of_it():
    found = shown(
        "$ssl_client_serial $ssl_client_fingerprint $ssl_client_v_remain|"
        "$ssl_client_v_start|$ssl_client_v_end",
        certificate="client",
    )
    numbers, start, end = found.split("|")
    serial, fingerprint, days = numbers.split()
    assert int(serial, 16)
    assert len(fingerprint) == 40
    assert int(days) > 36000
    assert start == "Dec 30 00:00:00 2025 GMT"
    assert end.endswith("2125 GMT")


@pytest.mark.parametrize(
    ("certificate", "said"),
    [
        ("client", "SUCCESS"),
        ("stranger", "FAILED:unable to verify the first certificate"),
    ],
)
def test_what_came_of_judging_it(certificate, said):
    assert shown("$ssl_client_verify", certificate=certificate) == said
