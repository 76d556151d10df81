import pytest

from forkproxy.config.template import Var
from tests.support.configuration import errors, level


def value(name, line=""):
    return level("location", line).value(f"proxy_ssl_{name}")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("verify", False),
        ("verify_depth", 1),
        ("server_name", False),
        ("name", (Var("proxy_host"),)),
        ("session_reuse", True),
        ("ciphers", "DEFAULT"),
        ("protocols", {"TLSv1.2", "TLSv1.3"}),
    ],
)
def test_defaults_are_nginx_s(name, expected):
    assert value(name) == expected


def test_the_preset_verifies():
    assert value("verify", "proxy_preset modern;")
    assert value("server_name", "proxy_preset modern;")
    assert not value("verify", "proxy_preset modern; proxy_ssl_verify off;")


def test_files_are_beside_the_configuration():
    assert value("trusted_certificate", "proxy_ssl_trusted_certificate ca.pem;").endswith("/ca.pem")


def test_a_url_may_be_https():
    found = level("location", "proxy_pass https://h;").own("proxy_pass")[0].value
    assert (found.scheme, found.proxy_host, found.proxy_port) == ("https", "h", "443")
    found = level("location", "proxy_pass https://h:80;").own("proxy_pass")[0].value
    assert (found.proxy_host, found.proxy_port) == ("h:80", "80")
    assert errors("location", "proxy_pass ftp://h;") == ["invalid URL prefix"]
