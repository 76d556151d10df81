import pytest

from forkproxy.keeper import orders
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Order, PeerCell, Row
from forkproxy.shared.store import open_state


@pytest.fixture
def state(tmp_path):
    state = open_state(tmp_path)
    yield state
    state.close()


@pytest.fixture
def made():
    made = cells.make(4)
    made.directory.allot(["api/a", "api/b"])
    return made


def order(made, peer, what):
    made.board.store(Row.MASTER, made.peer(peer) + PeerCell.PEER_ORDER, what)


def test_what_is_ordered_is_stored_and_what_is_usual_is_not(state, made):
    order(made, "api/a", Order.ORDER_DRAIN)
    orders.save(state, made)
    assert orders.load(state) == {"api/a": Order.ORDER_DRAIN}


def test_an_order_that_is_taken_back_is_forgotten(state, made):
    order(made, "api/a", Order.ORDER_DRAIN)
    orders.save(state, made)
    order(made, "api/a", Order.ORDER_READY)
    orders.save(state, made)
    assert orders.load(state) == {}


def test_peers_that_are_not_there_now_keep_their_orders(state, made):
    order(made, "api/a", Order.ORDER_DOWN)
    orders.save(state, made)
    other = cells.make(4)
    other.directory.allot(["api/b"])
    orders.save(state, other)
    assert orders.load(state) == {"api/a": Order.ORDER_DOWN}
