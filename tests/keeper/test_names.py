import contextlib

from forkproxy.config.address import parse_address
from forkproxy.config.directives.upstream import UpstreamServer
from forkproxy.keeper.names import Names, look_up
from forkproxy.net.resolver import Resolver
from forkproxy.upstream.member import Member
from forkproxy.upstream.upstream import Upstream
from tests.support.eventually import eventually
from tests.support.hub import in_hub
from tests.support.nameserver import NameServer


def member(number, name, **given):
    address = parse_address(name, default_port=80)
    return Member(number, UpstreamServer(name, address, resolve=True, **given))


@contextlib.contextmanager
def followed(records, *members):
    """Follow the names of an upstream; yield what is said, and the server and the Names."""
    said = []
    with NameServer(records, ttl=0) as server:
        upstream = Upstream("u", members)
        upstream.resolver = Resolver([server.address], ipv6=False)
        upstream.resolver_timeout = 5.0
        names = Names(lambda event, **fields: said.append((event, fields)), 7, [upstream])
        in_hub(names.begin)
        yield said, server, names
        names.change("u", [], list(upstream.members))


def found(said):
    return [[one["address"] for one in fields["found"]] for _, fields in said]


def test_what_a_name_leads_to_is_said_once():
    with followed({("a.test", "A"): ["10.0.0.2", "10.0.0.1"]}, member(3, "a.test:81")) as (
        said,
        server,
        _,
    ):
        eventually(lambda: len(server.asked) > 1)
        ((event, fields),) = said
    assert event == "names"
    assert (fields["generation"], fields["upstream"], fields["id"]) == (7, "u", 3)
    assert found(said) == [["10.0.0.1:81", "10.0.0.2:81"]]


def test_a_change_is_said_and_a_name_that_is_gone_has_nobody():
    with followed({("a.test", "A"): ["10.0.0.1"]}, member(0, "a.test")) as (said, server, _):
        eventually(lambda: len(said) == 1)
        server.records[("a.test", "A")] = ["10.0.0.2"]
        eventually(lambda: len(said) == 2)
        server.records.clear()
        eventually(lambda: len(said) == 3)
    assert found(said) == [["10.0.0.1:80"], ["10.0.0.2:80"], []]


def test_while_a_server_fails_what_was_known_stays():
    with followed({("a.test", "A"): ["10.0.0.1"]}, member(0, "a.test")) as (said, server, _):
        eventually(lambda: len(said) == 1)
        server.records[("a.test", "A")] = "SERVFAIL"
        count = len(server.asked)
        eventually(lambda: len(server.asked) > count)
    assert found(said) == [["10.0.0.1:80"]]


def test_a_name_that_comes_later_is_followed():
    with followed({("a.test", "A"): ["10.0.0.1"]}) as (said, _, names):
        in_hub(names.change, "u", [(member(4, "a.test"), -1)], [])
        eventually(lambda: found(said) == [["10.0.0.1:80"]])


def test_a_service_has_weights_and_backups():
    records = {
        ("_http._tcp.a.test", "SRV"): ["1 5 8080 one.test.", "2 0 8081 two.test."],
        ("one.test", "A"): ["10.0.0.1"],
        ("two.test", "A"): ["10.0.0.2"],
    }
    with NameServer(records) as server:
        upstream = Upstream("u")
        upstream.resolver = Resolver([server.address], ipv6=False)
        upstream.resolver_timeout = 5.0
        peers, _ = in_hub(look_up, upstream, member(0, "a.test", service="http"))
        assert peers == [
            {"address": "10.0.0.1:8080", "weight": 5, "backup": False},
            {"address": "10.0.0.2:8081", "weight": 1, "backup": True},
        ]
        heavy = member(0, "a.test", service="http", weight=3, backup=True)
        peers, _ = in_hub(look_up, upstream, heavy)
        assert [(one["weight"], one["backup"]) for one in peers] == [(3, True), (3, True)]
