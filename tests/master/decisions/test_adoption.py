"""Sockets of slots without a worker."""

from forkproxy.master.events import Exited, Order, Ready, Tell, Tick
from tests.support.playbook import Playbook


def test_a_neighbour_adopts_the_sockets_of_a_slot_and_gives_them_back():
    book = Playbook().start(workers=2, own_sockets=True)
    zero, one = book.pids_of(1)
    book.happen(Exited(zero, 1))
    book.ready(1)
    zero = next(pid for pid in book.pids_of(1) if pid != one)
    assert Tell(one, Order.ADOPT, 0) in book.happen(Exited(zero, 1))
    book.happen(Tick(), after=0.2)
    zero = next(pid for pid in book.pids_of(1) if pid != one)
    assert Tell(one, Order.RELEASE, 0) in book.happen(Ready(zero))


def test_adopted_sockets_move_on_when_the_neighbour_dies():
    book = Playbook().start(workers=3, own_sockets=True)
    zero, one, two = book.pids_of(1)
    for pid in (zero, one):
        book.happen(Exited(pid, 1))  # the first death in a row: replaced at once
    book.ready(1)
    two, zero, one = book.pids_of(1)
    assert Tell(two, Order.ADOPT, 0) in book.happen(Exited(zero, 1))
    assert Tell(one, Order.ADOPT, 0) in book.happen(Exited(two, 1))
