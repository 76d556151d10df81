"""The master sees certificates change and end."""

from dataclasses import dataclass, field

from forkproxy.master.certificates import AGAIN, INTERVAL, Watch, shown

DAY = 86400.0


@dataclass
class Files:
    names: tuple = ("a.crt", "a.key")
    read: int = 1
    there: int = 1

    def changed(self):
        return self.read != self.there

    def now(self):
        return self.there


@dataclass
class Certificate:
    name: str = "a.crt"
    expires: float = 1000 * DAY
    state: Files | None = field(default_factory=Files)


def test_a_change_is_found_once():
    watch, one = Watch(), Certificate()
    assert watch.changed([one], now=100.0) == ""
    one.state.there = 2
    assert watch.changed([one], now=100.0 + INTERVAL) == "a.crt"
    assert watch.changed([one], now=100.0 + 2 * INTERVAL) == ""
    one.state.there = 3
    assert watch.changed([one], now=100.0 + 3 * INTERVAL) == "a.crt"


def test_between_two_looks_nothing_is_asked():
    watch, one = Watch(), Certificate(state=Files(there=2))
    assert watch.changed([], now=100.0) == ""
    assert watch.changed([one], now=101.0) == ""


def test_one_that_came_out_of_no_file_never_changes():
    assert Watch().changed([Certificate(state=None)], now=100.0) == ""


def test_the_end_is_announced_once_a_day():
    watch = Watch()
    soon, late = Certificate("soon", 105 * DAY), Certificate("late", 200 * DAY)
    past = Certificate("past", 99 * DAY)
    said = watch.warnings([soon, late, past], wall=100 * DAY)
    assert said == ['certificate "soon" expires in 5 days', 'certificate "past" has expired']
    assert watch.warnings([soon], wall=100 * DAY + 1) == []
    assert watch.warnings([soon], wall=100 * DAY + AGAIN) != []


def test_status_shows_the_first_to_end_first():
    given = [Certificate("b", 102 * DAY), Certificate("a", 101 * DAY)]
    found = shown(given, [], wall=100 * DAY)
    assert [(one["name"], one["days"]) for one in found] == [("a", 1), ("b", 2)]


def test_status_shows_what_the_keeper_looks_after():
    kept = {"names": ["a.test", "b.test"], "expires": 101 * DAY, "error": "no", "state": "failing"}
    one, two = shown([Certificate("z", 102 * DAY)], [kept], wall=100 * DAY)
    assert (one["name"], one["days"], one["error"]) == ("a.test, b.test", 1, "no")
    assert two["state"] == "file"
