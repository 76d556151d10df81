import json

import pytest

from forkproxy.config.directives.keyval import KeyvalZone
from forkproxy.features.keyval import Zone
from forkproxy.master.reply import Refused
from tests.support.administration import Master

USERS = KeyvalZone("users", 1024)
BANNED = KeyvalZone("banned", 1024, "ip", 60.0)


@pytest.fixture
def master():
    return Master(keyvals=[USERS, BANNED])


def test_a_change_is_made_told_and_kept(master):
    master.keyvals.add("users", {"ada": ("admins", None)})
    assert master.keyvals.pairs("users") == {"ada": "admins"}
    assert master.told == [
        {
            "order": "keyval",
            "number": 1,
            "zone": "users",
            "put": [["ada", "admins", 0.0]],
            "delete": [],
        }
    ]
    (text,) = master.kept.values()
    assert json.loads(text) == ["users", "ada", "admins", 0.0]
    assert master.keyvals.kept() == master.kept


def test_what_is_deleted_is_deleted_everywhere(master):
    master.keyvals.add("users", {"ada": ("admins", None), "bob": ("users", None)})
    master.keyvals.change("users", {"ada": None, "bob": (None, 0.0)})
    assert master.keyvals.pairs("users") == {}
    assert sorted(master.told[-1]["delete"]) == ["ada", "bob"]
    assert master.kept == {}


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda keyvals: keyvals.add("users", {"new": ("x", None), "ada": ("x", None)}),
         "KeyvalKeyExists"),
        (lambda keyvals: keyvals.change("users", {"ada": ("x", None), "none": ("x", None)}),
         "KeyvalKeyNotFound"),
        (lambda keyvals: keyvals.add("none", {"a": ("b", None)}), "KeyvalNotFound"),
        (lambda keyvals: keyvals.clear("none"), "KeyvalNotFound"),
        (lambda keyvals: keyvals.add("banned", {"10.0.0.1": ("1", None), "x": ("1", None)}),
         "KeyvalFormatError"),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(master, act, code):
    master.keyvals.add("users", {"ada": ("admins", None)})
    with pytest.raises(Refused) as refused:
        act(master.keyvals)
    assert refused.value.code == code
    assert master.keyvals.pairs("users") == {"ada": "admins"}
    assert master.keyvals.pairs("banned") == {}
    assert len(master.told) == 1


def test_a_pair_lasts_as_long_as_it_says_or_as_its_zone_does(master):
    master.keyvals.add("banned", {"10.0.0.1": ("1", None), "10.0.0.2": ("1", 5.0)})
    master.clock.advance(6.0)
    assert list(master.keyvals.pairs("banned")) == ["10.0.0.1"]
    master.keyvals.expire()
    assert master.told[-1]["delete"] == ["10.0.0.2"]
    master.clock.advance(60.0)
    master.keyvals.expire()
    assert master.kept == {}


def test_another_value_begins_the_time_anew_and_another_time_keeps_the_value(master):
    master.keyvals.add("banned", {"10.0.0.1": ("1", None)})
    master.clock.advance(50.0)
    master.keyvals.change("banned", {"10.0.0.1": ("2", None)})
    master.clock.advance(50.0)
    master.keyvals.change("banned", {"10.0.0.1": (None, 100.0)})
    master.clock.advance(90.0)
    assert master.keyvals.pairs("banned") == {"10.0.0.1": "2"}


def test_a_key_is_found_as_a_request_would(master):
    master.keyvals.add("banned", {"10.0.0.0/8": ("1", None)})
    assert master.keyvals.value("banned", "10.1.2.3") == "1"
    assert master.keyvals.value("banned", "11.1.2.3") is None


def test_a_reload_keeps_what_is_there_and_every_generation_has_the_same_table(master):
    master.keyvals.add("users", {"ada": ("admins", None)})
    zone = Zone(KeyvalZone("users", 4096))
    master.keyvals.adopt([zone])
    assert zone.table.look_up(b"ada", 0.0) == b"admins"
    master.keyvals.add("users", {"bob": ("users", None)})
    assert zone.table.look_up(b"bob", 0.0) == b"users"


def test_a_zone_of_another_type_keeps_what_can_be_one_of_it(master):
    master.keyvals.add("users", {"ada": ("1", None), "10.0.0.1": ("2", None)})
    zone = Zone(KeyvalZone("users", 4096, "ip"))
    master.keyvals.adopt([zone])
    assert master.keyvals.pairs("users") == {"10.0.0.1": "2"}


def test_what_was_kept_is_there_again_as_far_as_its_time_is_not_over(master):
    master.keyvals.add("users", {"ada": ("admins", None), "eve": ("users", 5.0)})
    master.keyvals.add("banned", {"10.0.0.1": ("1", 100.0)})
    kept = dict(master.kept)
    later = Master()
    later.clock.advance(50.0)
    later.keyvals.restore(kept)
    later.keyvals.adopt([Zone(USERS), Zone(BANNED)])
    assert later.keyvals.pairs("users") == {"ada": "admins"}
    later.clock.advance(49.0)
    assert later.keyvals.pairs("banned") == {"10.0.0.1": "1"}
    later.clock.advance(2.0)
    assert later.keyvals.pairs("banned") == {}


def test_a_state_file_is_read_at_first_and_is_to_be_written_after_each_change(tmp_path):
    path = tmp_path / "users.json"
    path.write_text('{"ada": "admins"}')
    master = Master(keyvals=[KeyvalZone("users", 1024, state=str(path))])
    assert master.keyvals.pairs("users") == {"ada": "admins"}
    assert list(master.keyvals.unwritten()) == []
    master.keyvals.add("users", {"bob": ("users", None)})
    ((where, content),) = master.keyvals.unwritten()
    assert where == str(path)
    assert json.loads(content) == {"ada": "admins", "bob": "users"}
    assert list(master.keyvals.unwritten()) == []


@pytest.mark.parametrize("content", ["", "[1]", '{"x": "y"}'])
def test_a_state_file_that_makes_no_sense_is_as_none(tmp_path, content):
    path = tmp_path / "users.json"
    path.write_text(content)
    master = Master(keyvals=[KeyvalZone("users", 1024, "ip", state=str(path))])
    assert master.keyvals.pairs("users") == {}


def test_a_zone_that_is_full_takes_no_more(master):
    # A kilobyte is a page at least, which has room for 32 short pairs.
    master.keyvals.add("users", {f"user{n}": ("x", None) for n in range(32)})
    with pytest.raises(Refused) as refused:
        master.keyvals.add("users", {"one more": ("x", None)})
    assert (refused.value.code, refused.value.status) == ("KeyvalOutOfMemory", 413)
    assert "one more" not in master.keyvals.pairs("users")
    master.keyvals.change("users", {"user0": None})
    master.keyvals.add("users", {"one more": ("x", None)})
    with pytest.raises(Refused):
        master.keyvals.change("users", {"user1": ("x" * 100, None)})
    assert master.keyvals.value("users", "user1") == "x"


def test_what_expires_makes_room(master):
    master.keyvals.add("banned", {f"10.0.0.{n}": ("1", None) for n in range(32)})
    master.clock.advance(61.0)
    master.keyvals.expire()
    master.keyvals.add("banned", {f"10.0.1.{n}": ("1", None) for n in range(32)})


def test_after_a_reload_a_zone_has_the_room_that_it_says(master):
    master.keyvals.add("users", {f"user{n}": ("x", None) for n in range(32)})
    master.keyvals.adopt([Zone(KeyvalZone("users", 8192))])
    master.keyvals.add("users", {"one more": ("x", None)})
    master.keyvals.adopt([Zone(USERS)])
    assert len(master.keyvals.pairs("users")) == 33
    with pytest.raises(Refused):
        master.keyvals.add("users", {"and more": ("x", None)})
