"""Rates of limit_req by the API."""

import pytest

from tests.support.administration import Master, call
from tests.support.inside import Inside

ZONES = """
limit_req_zone $remote_addr zone=second:1m rate=20r/s;
limit_req_zone $remote_addr zone=minute:1m rate=10r/m;
"""


@pytest.fixture
def master():
    master = Master()
    with Inside("limit_req zone=second; limit_req zone=minute burst=5;", http=ZONES) as server:
        master.lines = server.generation.limits
        yield master


def test_each_zone_says_its_rate(master):
    assert call(master, "GET", "/api/9/forkproxy/limits/")[1] == {
        "second": {"rate": "20r/s"},
        "minute": {"rate": "10r/m"},
    }
    assert call(master, "GET", "/api/9/forkproxy/limits/minute") == (200, {"rate": "10r/m"})


def test_another_rate_is_passed_on_and_noted(master):
    path = "/api/9/forkproxy/limits/second"
    assert call(master, "PATCH", path, b'{"rate": "30r/m"}') is None
    assert master.asked == [("limit", "second", 500, 7)]
    assert master.happenings.since(0)[0]["text"] == "limit second is 30r/m now"


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("none", b'{"rate": "1r/s"}', "LimitReqNotFound"),
        ("second", b'{"rate": "fast"}', "LimitReqBadRate"),
        ("second", b'{"rate": "0r/s"}', "LimitReqBadRate"),
        ("second", b'{"burst": 5}', "LimitReqFormatError"),
        ("second", b"{", "JsonError"),
    ],
)
def test_what_cannot_be_is_refused(master, name, body, code):
    _, data = call(master, "PATCH", f"/api/9/forkproxy/limits/{name}", body)
    assert (data["error"]["code"], master.asked) == (code, [])


def test_who_may_only_look_changes_nothing(master):
    path = "/api/9/forkproxy/limits/second"
    assert call(master, "PATCH", path, b'{"rate": "1r/s"}', write=False)[0] == 405
