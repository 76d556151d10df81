"""How often, and when last, keys were asked for."""

from forkproxy.shared.uses import Uses


def test_uses_are_counted_and_the_last_is_remembered():
    uses = Uses(4096)
    assert [uses.note(b"a", moment) for moment in (10, 11, 12)] == [1, 2, 3]
    assert uses.known(b"a") == (3, 12)
    assert uses.known(b"b") == (0, 0)


def test_the_count_stops_at_its_end():
    uses = Uses(4096)
    for moment in range(300):
        uses.note(b"a", moment)
    assert uses.known(b"a") == (255, 299)


def test_fame_fades():
    uses = Uses(4096)
    for moment in range(8):
        uses.note(b"a", moment)
    uses.fade(b"a")
    uses.fade(b"never asked for")
    assert uses.known(b"a") == (4, 7)


def test_a_scan_of_keys_that_come_once_leaves_those_that_come_often():
    uses = Uses(4096)
    often = [b"often %d" % index for index in range(50)]
    for moment in range(5):
        for key in often:
            uses.note(key, moment)
    for index in range(20_000):
        uses.note(b"once %d" % index, 10)
    kept = sum(uses.known(key)[0] >= 5 for key in often)
    assert kept >= 45
