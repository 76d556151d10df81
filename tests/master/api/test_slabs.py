import pytest

from forkproxy.config.directives.keyval import KeyvalZone
from forkproxy.shared import counters
from forkproxy.shared.counters import CountTable
from tests.support.administration import Master, call


@pytest.fixture
def master():
    return Master(keyvals=[KeyvalZone("one", 8192)])


@pytest.fixture
def table():
    return counters.table(CountTable, "addresses", 4096)


def test_a_keyval_zone_has_slots_of_several_sizes(master):
    call(master, "POST", "/api/9/http/keyvals/one", b'{"a": "1", "b": "%s"}' % (b"x" * 300))
    assert call(master, "GET", "/api/9/slabs/one") == (
        200,
        {
            "pages": {"used": 2, "free": 0},
            "slots": {
                "128": {"used": 1, "free": 31, "reqs": 1, "fails": 0},
                "512": {"used": 1, "free": 7, "reqs": 1, "fails": 0},
            },
        },
    )


def test_a_table_of_limits_has_one_slot_a_key(master, table):
    place = table.acquired(b"key", 9)
    found = call(master, "GET", "/api/9/slabs")[1]["addresses"]
    assert found["pages"] == {"used": 1, "free": 0}
    assert found["slots"] == {"16": {"used": 1, "free": 239, "reqs": 1, "fails": 0}}
    table.released(place)


def test_what_was_asked_for_is_counted_anew(master):
    call(master, "POST", "/api/9/http/keyvals/one", b'{"a": "1"}')
    assert call(master, "DELETE", "/api/9/slabs/one") == (204, None)
    slots = call(master, "GET", "/api/9/slabs/one")[1]["slots"]
    assert slots == {"128": {"used": 1, "free": 31, "reqs": 0, "fails": 0}}


def test_a_zone_that_is_none_is_not_found(master):
    for method in ("GET", "DELETE"):
        status, data = call(master, method, "/api/9/slabs/none")
        assert (status, data["error"]["code"]) == (404, "SlabNotFound")
