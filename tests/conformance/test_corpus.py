"""Each message of tests/corpus through a running forkproxy: answered as its table says."""

from pathlib import Path

import pytest

from tests.support.client import Client, request
from tests.support.origin import Origin
from tests.support.proxy import Proxy, serving

CORPUS = Path(__file__).parents[1] / "corpus"
# What the parser takes, and the floor above it answers.
ABOVE = {"http1/valid/options-asterisk.http": 400, "http1/valid/connect.http": 405}
SHOWN = {"494": 400}  # what a client is told, where it is another status than the log has


def verdicts():
    for line in (CORPUS / "README.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].endswith(".http"):
            yield cells[0], ABOVE.get(cells[0]) or cells[1]


VERDICTS = list(verdicts())
REFUSED = [(name, SHOWN.get(word, int(word))) for name, word in VERDICTS if word != "accepted"]
ACCEPTED = [name for name, word in VERDICTS if word == "accepted"]


@pytest.fixture(scope="module")
def origin():
    with Origin() as origin:
        yield origin


@pytest.fixture(scope="module")
def proxy(origin):
    conf = serving("location / { proxy_pass http://%ORIGIN%; }")
    with Proxy(conf, ORIGIN=origin.address) as proxy:
        yield proxy


@pytest.mark.parametrize(("name", "status"), REFUSED, ids=[name for name, _ in REFUSED])
def test_what_is_refused_ends_the_connection_and_reaches_no_upstream(proxy, origin, name, status):
    heard = len(origin.requests)
    with Client(proxy.address) as client:
        client.send((CORPUS / name).read_bytes())
        assert client.final().status == status
        assert client.closed()
    with Client(proxy.address) as client:
        assert client.get(b"/alive").status == 200
    assert [asked.target for asked in origin.requests[heard:]] == [b"/alive"]


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_is_accepted_reaches_the_upstream_once(proxy, origin, name):
    heard = len(origin.requests)
    with Client(proxy.address) as client:
        client.send((CORPUS / name).read_bytes())
        assert client.final().status == 200
        if "pipelined" in name:
            assert client.final().status == 200
    asked = origin.requests[heard:]
    assert len(asked) == (2 if "pipelined" in name else 1)


def test_what_follows_a_close_is_never_read(proxy, origin):
    heard = len(origin.requests)
    with Client(proxy.address) as client:
        client.send(request(b"GET", b"/one", b"Connection: close") + request(b"GET", b"/two"))
        assert client.final().status == 200
        assert client.closed()
    assert [asked.target for asked in origin.requests[heard:]] == [b"/one"]
