"""What a location says about TLS towards upstreams, and what is wrong with it when it is loaded."""

import pytest

from forkproxy.errors import ConfigError
from tests.support.inside import Inside
from tests.support.tls import folder


def refusal(text):
    with pytest.raises(ConfigError) as error:
        Inside(f"{text} location / {{ proxy_pass https://127.0.0.1:1; }}")
    return str(error.value)


def test_verifying_needs_authorities():
    assert refusal("proxy_ssl_verify on;") == (
        "no proxy_ssl_trusted_certificate for proxy_ssl_verify"
    )


def test_a_certificate_needs_a_key():
    said = refusal(f"proxy_ssl_certificate {folder()}/client.crt;")
    assert said.startswith('no "proxy_ssl_certificate_key" is defined for certificate')


def test_a_missing_file_is_named():
    assert "none.pem" in refusal("proxy_ssl_verify on; proxy_ssl_trusted_certificate none.pem;")


def test_what_openssl_does_not_take_is_refused():
    assert "SSL_CTX_set_cipher_list" in refusal("proxy_ssl_ciphers NOTHING;")
    assert "SSL_CONF_cmd" in refusal("proxy_ssl_conf_command Nonsense x;")


def test_without_https_nothing_is_read():
    with Inside(
        "proxy_ssl_verify on; proxy_ssl_trusted_certificate none.pem;"
        "location / { proxy_pass http://127.0.0.1:1; }"
    ):
        pass
