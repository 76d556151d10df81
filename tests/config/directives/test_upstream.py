import pytest

from forkproxy.config.address import Family
from forkproxy.config.directives.upstream import Keepalive
from tests.support.configuration import errors, level


def server(text):
    (line,) = level("upstream", f"server {text}; server 127.0.0.9;").own("server")[:1]
    return line.value


def test_a_peer_has_nginxs_defaults():
    found = server("10.0.0.1:8080")
    assert found.name == "10.0.0.1:8080"
    assert (found.address.host, found.address.port) == ("10.0.0.1", 8080)
    assert (found.weight, found.max_fails, found.fail_timeout, found.max_conns) == (1, 1, 10, 0)
    assert not found.backup
    assert not found.down


def test_the_options_of_a_peer():
    found = server("a weight=3 max_fails=0 fail_timeout=1m max_conns=7 down")
    assert (found.weight, found.max_fails, found.fail_timeout, found.max_conns) == (3, 0, 60, 7)
    assert found.down
    assert server("a backup").backup


def test_a_peer_may_be_a_name_or_a_unix_socket():
    assert server("app").address.family is Family.NAME
    assert server("app").address.port == 80
    assert server("unix:/a.sock").address.path == "/a.sock"


def test_what_a_peer_may_be_told_of_sessions_and_names():
    found = server("a slow_start=5s route=r drain resolve service=x")
    assert (found.slow_start, found.route, found.service) == (5, "r", "x")
    assert found.drain
    assert found.resolve


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a route=", "route is empty"),
        (f"a route={'r' * 33}", "route is longer than 32"),
        ("a service= resolve", "service is empty"),
        ("a service=x", 'service upstream "a" requires "resolve" parameter'),
        ("a:80 service=x resolve", 'service upstream "a:80" may not have port'),
        ("127.0.0.1 service=x resolve", 'service upstream "127.0.0.1" requires domain name'),
    ],
)
def test_what_makes_no_sense_is_said_in_nginxs_words(line, message):
    assert errors("upstream", f"server {line};") == [message]


@pytest.mark.parametrize("policy", ["hash $uri", "ip_hash", "random"])
@pytest.mark.parametrize("option", ["backup", "slow_start=5s"])
def test_a_hash_knows_no_backup_and_no_slow_start(policy, option):
    complaint = f'balancing method does not support parameter "{option}"'
    assert errors("upstream", f"{policy}; server a {option};") == [complaint]


@pytest.mark.parametrize(
    "option", ["weight=0", "weight=x", "weight", "foo", "backup=1", "resolve=1"]
)
def test_what_nobody_knows_is_an_invalid_parameter(option):
    assert errors("upstream", f"server a {option};") == [f'invalid parameter "{option}"']


def test_connections_are_kept_by_default():
    scope = level("upstream", "server a;")
    assert scope.value("keepalive") == Keepalive(32)
    assert scope.value("keepalive_timeout") == 60
    assert scope.value("keepalive_requests") == 1000
    assert scope.value("keepalive_time") == 3600


def test_how_many_connections_are_kept():
    assert level("upstream", "server a; keepalive 3;").value("keepalive") == Keepalive(3)
    assert level("upstream", "server a; keepalive 0;").value("keepalive") == Keepalive(0)
    assert level("upstream", "server a; keepalive 3 local;").value("keepalive").local
    assert errors("upstream", "server a; keepalive 3 x;") == ['invalid parameter "x"']
