"""What has happened, from where one has read to."""

from forkproxy.master.happenings import MOST, Happenings


def test_who_asks_again_hears_what_came_since():
    happenings = Happenings()
    happenings.note("peer", "a is down", 1000.0)
    happenings.note("master", "reloaded", 1001.5)
    assert [row["text"] for row in happenings.since(0)] == ["a is down", "reloaded"]
    assert happenings.since(1) == [
        {"number": 2, "at": "1970-01-01T00:16:41.500Z", "kind": "master", "text": "reloaded"}
    ]
    assert happenings.since(2) == []


def test_one_kind_is_told_alone():
    happenings = Happenings()
    for kind in ("peer", "cache", "peer"):
        happenings.note(kind, kind, 0.0)
    assert [row["number"] for row in happenings.since(0, "peer")] == [1, 3]


def test_the_oldest_are_forgotten_and_numbers_go_on():
    happenings = Happenings()
    for _ in range(MOST + 5):
        happenings.note("peer", "", 0.0)
    rows = happenings.since(0)
    assert (len(rows), rows[0]["number"]) == (MOST, 6)
