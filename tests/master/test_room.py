import pytest

from forkproxy.master.room import Room, slot_of

SMALL = (b"10.0.0.1", b"1")  # in a slot of 128 octets, 32 of which are a page


@pytest.mark.parametrize(
    ("length", "octets"),
    [(0, 128), (48, 128), (49, 256), (1968, 2048), (1969, 4096), (4016, 4096), (4017, 8192)],
)
def test_a_pair_takes_a_power_of_two_or_whole_pages(length, octets):
    assert slot_of((b"", b"x" * length)) == octets
    assert slot_of((b"x" * length, b"")) == octets


def test_a_zone_takes_what_fits_and_no_more():
    room = Room(8192)
    assert room.swap([], [SMALL] * 64)
    assert not room.swap([], [SMALL])
    assert room.swap([SMALL], [SMALL])
    assert room.swap([SMALL] * 2, [])
    assert room.swap([], [SMALL] * 2)
    assert not room.swap([], [SMALL])


def test_slots_of_another_size_are_pages_of_their_own():
    room = Room(8192)
    assert room.swap([], [SMALL])
    assert not room.swap([], [(b"", b"x" * 4096)])
    assert room.swap([], [(b"", b"x" * 200)])
    assert not room.swap([], [(b"", b"x" * 500)])
    assert room.used() == 2


def test_what_is_too_much_may_stay_and_go_but_not_grow():
    room = Room(4096, [SMALL] * 40)
    assert room.swap([SMALL], [SMALL])
    assert not room.swap([], [SMALL] * 30)
    assert room.swap([SMALL] * 40, [])
    assert room.used() == 0


def test_it_is_counted_what_was_asked_for():
    room = Room(4096)
    room.swap([], [SMALL] * 30)
    room.swap([], [SMALL] * 3)
    room.swap([SMALL], [])
    assert room.slots() == {128: (29, 3, 33, 3)}
    room.ask_anew()
    assert room.slots() == {128: (29, 3, 0, 0)}
