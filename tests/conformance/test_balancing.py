"""The same key chooses the same server as in the real nginx."""

import contextlib

import pytest

from tests.conftest import installed
from tests.support.client import Client
from tests.support.inside import Inside
from tests.support.proxy import Nginx, serving

SERVERS = ("weight=1", "weight=3", "weight=2", "weight=1", "weight=5")
METHODS = {
    "hash": "hash $arg_key;",
    "ring": "hash $arg_key consistent;",
    "turns": "",
    "addresses": "ip_hash;",
}
KEYS = 300


def configuration(ports):
    """Return `http` directives and locations: each upstream's servers say their own port."""
    lines = "".join(
        f"server 127.0.0.1:{port} {options};" for port, options in zip(ports, SERVERS, strict=True)
    )
    upstreams = "".join(f"upstream {name} {{ {text} {lines} }}" for name, text in METHODS.items())
    locations = "".join(f"location /{name} {{ proxy_pass http://{name}; }}" for name in METHODS)
    real = "set_real_ip_from 127.0.0.1; real_ip_header X-Real-IP;"
    return real + upstreams, locations


@contextlib.contextmanager
def origins():
    """Serve five origins that say which port they have; yield the ports."""
    servers = [f"server {{ listen %PORT{n}%; return 200 $server_port; }}" for n in range(5)]
    with Inside("server { listen %PORT%; }", *servers) as inside:
        yield [int(inside.word(f"PORT{n}").rpartition(":")[2]) for n in range(5)]


def choices(address, method):
    """Return the server of each of many keys; each comes from another address."""

    def ask(number):
        where = b"X-Real-IP: 10.%d.%d.%d" % (number // 5, number % 251, number)
        return client.get(b"/%s?key=k%d" % (method.encode(), number), where).body

    with Client(address) as client:
        return [ask(number % 256 if method == "addresses" else number) for number in range(KEYS)]


@pytest.mark.parametrize("method", METHODS)
def test_the_choice_is_nginxs(method, tmp_path):
    installed(Nginx)
    with origins() as ports:
        http, locations = configuration(ports)
        with Nginx(serving(locations, http=http)) as nginx, Inside(locations, http=http) as ours:
            theirs = choices(nginx.address, method)
            assert choices(ours.address, method) == theirs
            assert len(set(theirs)) == len(SERVERS)
