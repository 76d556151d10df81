import pytest

from forkproxy.master.peer_orders import PeerOrders
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Order, PeerCell, Row


@pytest.fixture
def made():
    made = cells.make(2)
    made.directory.allot(["api/a", "api/b"])
    return made


def seen(made, peer):
    """Return what workers see."""
    return made.board.value(Row.MASTER, made.peer(peer) + PeerCell.PEER_ORDER)


def test_an_order_is_seen_by_every_worker(made):
    PeerOrders(made).give("api/a", Order.ORDER_DRAIN)
    assert seen(made, "api/a") == Order.ORDER_DRAIN
    assert seen(made, "api/b") == Order.ORDER_READY


def test_what_was_known_before_is_given_also_to_peers_that_come_later(made):
    orders = PeerOrders(made)
    orders.take({"api/a": 1, "api/later": 2})
    assert seen(made, "api/a") == Order.ORDER_DRAIN
    made.directory.allot(["api/later"])
    orders.apply()
    assert seen(made, "api/later") == Order.ORDER_DOWN


def test_what_was_known_before_is_taken_once(made):
    orders = PeerOrders(made)
    orders.take({})
    orders.give("api/a", Order.ORDER_DOWN)
    orders.take({"api/a": 1})
    assert seen(made, "api/a") == Order.ORDER_DOWN


def test_what_goes_over_to_a_new_master_is_what_is_not_usual(made):
    orders = PeerOrders(made)
    orders.take({"api/later": 2})
    orders.give("api/a", Order.ORDER_DRAIN)
    orders.give("api/b", Order.ORDER_READY)
    assert orders.given() == {"api/a": 1, "api/later": 2}


def test_a_peer_that_nobody_names_cannot_be_ordered(made):
    with pytest.raises(KeyError):
        PeerOrders(made).give("nobody", Order.ORDER_DOWN)
