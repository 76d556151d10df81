"""Bans are keyval zones: listed, made and lifted through the API and the lines."""

import pytest

from forkproxy.config.directives.keyval import KeyvalZone
from forkproxy.master.ban_zones import meant, shown
from forkproxy.shared import bans
from tests.support.administration import Master, call, tell

ZONE = "/api/9/http/keyvals/test-ban-zone"
ADDRESS = b"\xc0\0\x02\1"


@pytest.fixture
def zone():
    table = bans.of("test-ban-zone")
    table.packed, table.lasts = True, 300.0
    table.add(ADDRESS, 60.0)
    yield table
    for tag, _, _ in table.banned():
        table.lift(tag)


def keys(table):
    return {key for _, key, _ in table.banned()}


def test_who_is_banned_is_listed_with_the_seconds_left(zone):
    master = Master(keyvals=[KeyvalZone("other", 32768)])
    assert call(master, "GET", ZONE) == (200, {"192.0.2.1": "60"})
    assert call(master, "GET", f"{ZONE}?key=192.0.2.1") == (200, {"192.0.2.1": "60"})
    found = call(master, "GET", "/api/9/http/keyvals")[1]
    assert found["test-ban-zone"] == {"192.0.2.1": "60"}
    assert found["other"] == {}


def test_a_ban_is_lifted_by_deleting_its_key(zone):
    assert call(Master(), "PATCH", ZONE, b'{"192.0.2.1": null}')[0] == 204
    assert keys(zone) == set()
    status, data = call(Master(), "PATCH", ZONE, b'{"192.0.2.1": null}')
    assert (status, data["error"]["code"]) == (404, "KeyvalKeyNotFound")


def test_a_key_is_banned_for_a_time_or_for_the_zones(zone):
    given = b'{"192.0.2.9": "1", "2001:db8::1": {"value": "1", "expire": 90000}}'
    assert call(Master(), "POST", ZONE, given)[0] == 201
    assert call(Master(), "GET", ZONE)[1] == {
        "192.0.2.1": "60",
        "192.0.2.9": "300",
        "2001:db8::1": "90",
    }
    assert call(Master(), "POST", ZONE, b'{"192.0.2.9": "1"}')[0] == 409


def test_a_ban_is_made_longer(zone):
    assert call(Master(), "PATCH", ZONE, b'{"192.0.2.1": {"expire": 120000}}')[0] == 204
    assert call(Master(), "GET", ZONE)[1] == {"192.0.2.1": "120"}


def test_what_is_no_address_is_refused_where_keys_are_addresses(zone):
    status, data = call(Master(), "POST", ZONE, b'{"nobody": "1"}')
    assert (status, data["error"]["code"]) == (400, "KeyvalFormatError")
    assert keys(zone) == {ADDRESS}


def test_all_are_lifted_at_once(zone):
    assert call(Master(), "DELETE", ZONE)[0] == 204
    assert keys(zone) == set()


def test_the_lines_of_haproxy_know_them_too(zone):
    master = Master()
    assert "(test-ban-zone)" in tell(master, "show map")
    assert "192.0.2.1 60" in tell(master, "show map test-ban-zone")
    assert 'value="60"' in tell(master, "get map test-ban-zone 192.0.2.1")
    tell(master, "add map test-ban-zone 192.0.2.7 1")
    assert keys(zone) == {ADDRESS, b"\xc0\0\x02\7"}
    tell(master, "del map test-ban-zone 192.0.2.1")
    assert keys(zone) == {b"\xc0\0\x02\7"}
    tell(master, "clear map test-ban-zone")
    assert keys(zone) == set()


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (b"name", "name"),
        (b"\x7f\0\0\1", "127.0.0.1"),
        (bytes(15) + b"\1", "::1"),
        (b"two words", "hex:74776f20776f726473"),
        (b"\xff", "hex:ff"),
    ],
)
def test_a_key_is_shown_as_a_person_writes_it_and_read_again(key, text):
    assert shown(key) == text
    assert meant(text, packed=len(key) in (4, 16) and key != b"name") == key
