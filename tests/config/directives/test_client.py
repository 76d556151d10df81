import pytest

from forkproxy.config.directives.client import KeepaliveTimeout, Resolver
from forkproxy.config.values import Buffers
from tests.support.configuration import errors, level


def test_the_limits_are_those_of_nginx_unless_given():
    server = level("server", "")
    assert server.value("client_max_body_size") == 1 << 20
    assert server.value("client_header_timeout") == 60
    assert server.value("large_client_header_buffers") == Buffers(4, 8192)
    assert server.value("keepalive_timeout") == KeepaliveTimeout(75)
    assert server.value("keepalive_requests") == 1000
    assert server.value("chunked_transfer_encoding") is True


def test_keep_alive_may_be_announced():
    found = level("server", "keepalive_timeout 5s 10s;").value("keepalive_timeout")
    assert found == KeepaliveTimeout(5, 10)


@pytest.mark.parametrize("text", ["keepalive_timeout x;", "keepalive_timeout 5s x;"])
def test_a_time_that_is_none_is_refused(text):
    assert errors("server", text) == ['"keepalive_timeout" directive invalid value']


def test_a_body_may_be_without_limit_or_gigabytes():
    assert level("server", "client_max_body_size 0;").value("client_max_body_size") == 0
    assert level("server", "client_max_body_size 2g;").value("client_max_body_size") == 2 << 30


def test_a_resolver_has_addresses_and_options():
    found = level("http", "resolver 127.0.0.1 [::1]:53 valid=5s ipv6=off;").value("resolver")
    assert found == Resolver(("127.0.0.1", "[::1]:53"), 5, ipv4=True, ipv6=False)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("valid=5s", "no name servers defined"),
        ("127.0.0.1 valid=x", "invalid parameter: valid=x"),
        ("127.0.0.1 foo=1", "invalid parameter: foo=1"),
        ("127.0.0.1 ipv4=off ipv6=off", '"ipv4" and "ipv6" cannot both be "off"'),
    ],
)
def test_a_resolver_that_makes_no_sense_is_refused(text, message):
    assert errors("http", f"resolver {text};") == [message]


def test_clients_without_keep_alive_are_a_set():
    found = level("http", "keepalive_disable none;").value("keepalive_disable")
    assert found == {"none"}


def test_some_settings_are_of_the_server_and_not_of_a_location():
    assert errors("location", "client_header_timeout 5s;") == [
        '"client_header_timeout" directive is not allowed here'
    ]
