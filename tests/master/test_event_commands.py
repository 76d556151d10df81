"""events, in either tongue."""

import pytest

from tests.support.administration import Master, call, tell


@pytest.fixture
def master():
    master = Master()
    master.happenings.note("peer", "a is down", 0.0)
    master.happenings.note("cache", "purge", 0.0)
    return master


def test_events_are_told_from_a_number_on(master):
    _, data = call(master, "GET", "/api/9/forkproxy/events?since=1")
    assert [row["text"] for row in data["events"]] == ["purge"]
    _, data = call(master, "GET", "/api/9/forkproxy/events?kind=peer")
    assert [row["text"] for row in data["events"]] == ["a is down"]
    assert tell(master, "events 0 peer") == "1 1970-01-01T00:00:00.000Z peer: a is down"


@pytest.mark.parametrize("query", ["since=x", "since=0&kind=none"])
def test_what_makes_no_sense_is_refused(master, query):
    assert call(master, "GET", f"/api/9/forkproxy/events?{query}")[0] == 400
