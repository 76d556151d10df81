"""What the keeper sees once a second."""

from forkproxy.keeper.paces import Looks
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Cell, PeerCell, Row, StandingCell, ZoneCell
from tests.support.administration import upstream


def test_all_that_is_counted_is_looked_at():
    app = upstream("app", "10.0.0.1:80")
    made = cells.make(1)
    made.directory.allot(["app/10.0.0.1:80"], [("server_zone", "site")])
    made.board.claim(Row.FIRST_WORKER)
    keeper, worker = made.of(Row.KEEPER), made.of(Row.FIRST_WORKER)
    app.attach(keeper)
    zone, peer = made.tally("server_zone", "site"), made.peer("app/10.0.0.1:80")
    looks = Looks(keeper, [app])
    looks.look()
    worker.add(Cell.REQUESTS, 100)
    worker.add(Cell.ACCEPTED, 100)
    worker.add(Cell.ACTIVE, 3)
    worker.add(zone + ZoneCell.ZONE_REQUESTS, 100)
    worker.add(zone + ZoneCell.ZONE_PROCESSING, 2)
    worker.add(peer + PeerCell.PEER_REQUESTS, 1)
    made.board.standing_add(peer, StandingCell.STANDING_IN_FLIGHT, 1)
    looks.look()
    worker.add(peer + PeerCell.PEER_REQUESTS, 100)
    looks.look()

    def value(column):
        return made.board.value(Row.KEEPER, column)

    assert value(Cell.REQUEST_RATE_MOST) > 0
    assert value(Cell.CONNECTION_RATE_MOST) > 0
    assert value(Cell.ACTIVE_MOST) == 3
    assert value(zone + ZoneCell.ZONE_RATE_MOST) > 0
    assert value(zone + ZoneCell.ZONE_MOST) == 2
    assert value(peer + PeerCell.PEER_RATE) > 0
