"""The text of `forkproxy status`."""

import pytest

from forkproxy.cli.status import duration, table, text

STATUS = {
    "version": "1.2.3",
    "pid": 100,
    "state": "running",
    "generation": 2,
    "uptime": 3725.4,
    "last_reload": "",
    "listens": "0.0.0.0:80",
    "keeper": 101,
    "connections": {"active": 3, "reading": 1, "writing": 0, "waiting": 2},
    "totals": {"accepted": 7, "handled": 7, "requests": 70, "respawns": 1},
    "lifetime": {},
    "draining": {},
    "peers": {},
    "workers": [
        {
            "slot": 0,
            "pid": 102,
            "state": "ready",
            "generation": 2,
            "age": 65.0,
            "connections": 3,
            "requests": 70,
            "turn_p999_ms": 1.28,
            "turn_longest_ms": 12.345,
        }
    ],
}
PEER = {"order": "drain", "active": 0, "requests": 12, "fails": 3}


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "0 s"),
        (59.9, "59 s"),
        (60, "1 min 0 s"),
        (3725, "1 h 2 min"),
        (90000, "1 d 1 h"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds, said):
    assert duration(seconds) == said


def test_numbers_stand_to_the_right_and_words_to_the_left():
    assert table(("name", "n"), [("a", 5), ("longer", 12)]) == [
        "name     n",
        "a        5",
        "longer  12",
    ]


def test_the_text_says_how_long_loops_were_held_up():
    said = text(STATUS).splitlines()
    head = next(index for index, line in enumerate(said) if line.endswith("p99.9 ms  longest ms"))
    assert said[head + 1].endswith("     1.3        12.3")


def test_the_text_says_who_serves_and_how_much():
    said = text(STATUS)
    assert said.startswith("forkproxy 1.2.3, master 100, keeper 101\n")
    assert "running, generation 2, for 1 h 2 min" in said
    assert "3: 1 reading, 0 writing, 2 waiting" in said
    assert "70 requests on 7 connections" in said
    assert " ".join(said.splitlines()[-1].split()) == "0 102 ready 2 1 min 5 s 3 70 1.3 12.3"


def test_peers_are_shown_where_there_are_any():
    assert "peer" not in text(STATUS)
    last = text(STATUS | {"peers": {"app/10.0.0.1:80": PEER}}).splitlines()[-1]
    assert last.split() == ["app/10.0.0.1:80", "drain", "0", "12", "3"]


def test_certificates_are_listed_and_what_is_wrong_is_said():
    good = {"name": "a.test", "days": 60, "issuer": "ca", "state": "issued", "error": ""}
    bad = {**good, "name": "b.test", "days": 3, "state": "failing", "error": "no", "next_try": 0}
    lines = text(STATUS | {"certificates": [bad, good]}).splitlines()
    assert lines[-4].split() == ["certificate", "days", "left", "issuer", "state"]
    assert lines[-3].split() == ["b.test", "3", "ca", "failing"]
    assert lines[-1].startswith("b.test: no; next try ")
