import pytest

from forkproxy.acme.lookup import address_of
from forkproxy.config.directives.client import Resolver
from tests.support.nameserver import NameServer

RECORDS = {("ca.test", "A"): ["10.0.0.1"], ("six.test", "AAAA"): ["2001:db8::1"]}


@pytest.fixture(scope="module")
def server():
    with NameServer(RECORDS) as started:
        yield started


def asking(server, **more):
    host, port = server.address
    return Resolver((f"{host}:{port}",), **more)


def test_a_name_leads_where_the_name_server_says(server):
    assert address_of(asking(server), "ca.test") == "10.0.0.1"
    assert address_of(asking(server), "six.test") == "2001:db8::1"


def test_an_address_is_itself(server):
    assert address_of(asking(server), "127.0.0.1") == "127.0.0.1"
    assert address_of(asking(server), "[::1]") == "::1"


def test_a_name_that_leads_nowhere_is_named(server):
    with pytest.raises(OSError, match=r"six\.test could not be resolved"):
        address_of(asking(server, ipv6=False), "six.test")
