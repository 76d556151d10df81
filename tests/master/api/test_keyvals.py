import pytest

from forkproxy.config.directives.keyval import KeyvalZone
from tests.support.administration import Master, call

PATH = "/api/9/http/keyvals/users"


@pytest.fixture
def master():
    master = Master(keyvals=[KeyvalZone("users", 1024), KeyvalZone("other", 1024)])
    master.keyvals.add("users", {"ada": ("admins", None)})
    return master


def code(master, *asked):
    status, data = call(master, *asked)
    return status, data["error"]["code"]


def test_zones_and_pairs_are_shown(master):
    assert call(master, "GET", "/api/9/http/keyvals") == (
        200,
        {"users": {"ada": "admins"}, "other": {}},
    )
    assert call(master, "GET", "/api/9/http/keyvals/?fields=") == (200, ["users", "other"])
    assert call(master, "GET", PATH) == (200, {"ada": "admins"})
    assert call(master, "GET", PATH + "?key=ada") == (200, {"ada": "admins"})
    assert code(master, "GET", PATH + "?key=bob") == (404, "KeyvalKeyNotFound")


def test_pairs_are_added_with_a_time_or_without(master):
    body = b'{"bob": "users", "eve": {"value": "users", "expire": 30000}}'
    assert call(master, "POST", PATH, body)[0] == 201
    assert set(master.keyvals.pairs("users")) == {"ada", "bob", "eve"}
    master.clock.advance(31.0)
    assert set(master.keyvals.pairs("users")) == {"ada", "bob"}


def test_a_number_is_its_digits(master):
    assert call(master, "POST", PATH, b'{"bob": 1, "eve": {"value": -2}}')[0] == 201
    assert master.keyvals.pairs("users") == {"ada": "admins", "bob": "1", "eve": "-2"}


def test_pairs_are_changed_and_deleted(master):
    assert call(master, "PATCH", PATH, b'{"ada": "users"}') == (204, None)
    assert master.keyvals.pairs("users") == {"ada": "users"}
    assert call(master, "PATCH", PATH, b'{"ada": {"expire": 1000}}') == (204, None)
    assert master.keyvals.pairs("users") == {"ada": "users"}
    assert call(master, "PATCH", PATH, b'{"ada": null}') == (204, None)
    assert master.keyvals.pairs("users") == {}


def test_a_time_of_nothing_deletes(master):
    assert call(master, "PATCH", PATH, b'{"ada": {"expire": 0}}') == (204, None)
    assert master.keyvals.pairs("users") == {}


def test_a_zone_is_emptied(master):
    assert call(master, "DELETE", PATH) == (204, None)
    assert master.keyvals.pairs("users") == {}


@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", PATH, b'{"ada": "x"}', (409, "KeyvalKeyExists")),
        ("PATCH", PATH, b'{"bob": "x"}', (404, "KeyvalKeyNotFound")),
        ("POST", "/api/9/http/keyvals/none", b'{"a": "b"}', (404, "KeyvalNotFound")),
        ("GET", "/api/9/http/keyvals/none", b"", (404, "KeyvalNotFound")),
        ("DELETE", "/api/9/http/keyvals/none", b"", (404, "KeyvalNotFound")),
        ("POST", PATH, b"", (400, "BodyReadError")),
        ("POST", PATH, b'{"bob": "x"', (415, "JsonError")),
        ("POST", PATH, b"{}", (400, "KeyvalFormatError")),
        ("POST", PATH, b'{"": "x"}', (400, "KeyvalFormatError")),
        ("POST", PATH, b'{"bob": true}', (400, "KeyvalFormatError")),
        ("POST", PATH, b'{"bob": null}', (400, "KeyvalFormatError")),
        ("POST", PATH, b'{"bob": {"expire": 5}}', (400, "KeyvalFormatError")),
        ("POST", PATH, b'{"bob": {"value": "x", "expire": -1}}', (400, "KeyvalFormatError")),
        ("POST", PATH, b'{"bob": {"value": "x", "expire": true}}', (400, "KeyvalFormatError")),
        ("POST", PATH, b'{"bob": {"value": "x", "more": 1}}', (400, "KeyvalFormatError")),
        ("PATCH", PATH, b'{"ada": {}}', (400, "KeyvalFormatError")),
        ("PUT", PATH, b'{"ada": "x"}', (405, "MethodDisabled")),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(master, method, path, body, expected):
    assert code(master, method, path, body) == expected
    assert master.keyvals.pairs("users") == {"ada": "admins"}


def test_the_answer_waits_for_the_workers(master):
    master.behind = [3]
    assert call(master, "POST", PATH, b'{"bob": "users"}') is None
