"""Which server a name leads to."""

import pytest

from tests.support.client import ask, request
from tests.support.inside import Inside

SITES = """
    server { listen %PORT%; server_name first; return 200 first; }
    server { listen %PORT% default_server; server_name _; return 200 default; }
    server { listen %PORT%; server_name exact.example *.wild.example; return 200 exact; }
    server { listen %PORT%; server_name .bare.example; return 200 bare; }
    server { listen %PORT%; server_name front.*; return 200 front; }
    server { listen %PORT%; server_name ~^(?<who>.)\\.re$; return 200 re-$who; }
    server { listen %PORT2%; server_name first; return 200 other; }
"""


@pytest.fixture(scope="module")
def sites():
    with Inside(SITES) as inside:
        yield inside


@pytest.mark.parametrize(
    ("host", "body"),
    [
        (b"first", b"first"),
        (b"FIRST.", b"first"),
        (b"unknown", b"default"),
        (b"exact.example:81", b"exact"),
        (b"a.b.wild.example", b"exact"),
        (b"wild.example", b"default"),
        (b"bare.example", b"bare"),
        (b"a.bare.example", b"bare"),
        (b"front.example", b"front"),
        (b"x.re", b"re-x"),
    ],
)
def test_the_name_chooses_the_server(sites, host, body):
    assert ask(sites.address, request(b"GET", b"/", host=host)).body == body


def test_the_address_chooses_first(sites):
    assert ask(sites.word("PORT2"), request(b"GET", b"/", host=b"exact.example")).body == b"other"
