"""status_zone: which requests are counted under which name, and how."""

from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Row, ZoneCell
from forkproxy.shared.tally import statuses
from tests.support.client import Client, get, request
from tests.support.eventually import eventually
from tests.support.inside import Inside


def board():
    made = cells.make(2)
    made.board.claim(Row.FIRST_WORKER)
    return made.of(Row.FIRST_WORKER)


def zones(server):
    """Return the counters of each zone, by name."""
    found = server.cells
    return {
        name: Zone(found.board, found.tally(kind, name))
        for kind in ("server_zone", "location_zone")
        for name in found.directory.tallies(kind)
    }


def counted(text, *targets):
    """Return the same after some requests."""
    with Inside(text, cells=board()) as server:
        for target in targets:
            get(server.address, target)
        found = zones(server)
        eventually(lambda: found["site"][ZoneCell.ZONE_REQUESTS] == len(targets))
        return found


class Zone:
    def __init__(self, table, first):
        self.table, self.first = table, first

    def __getitem__(self, cell):
        return self.table.total(self.first + cell)

    @property
    def statuses(self):
        return statuses(self.table, self.first + ZoneCell.ZONE_CODES)


def test_requests_of_a_server_are_counted_by_class_and_status():
    text = "status_zone site; location /a { return 200 ok; } location /b { return 404; }"
    zone = counted(text, b"/a", b"/a", b"/b")["site"]
    assert zone[ZoneCell.ZONE_REQUESTS] == 3
    assert zone[ZoneCell.ZONE_2XX] == 2
    assert zone[ZoneCell.ZONE_4XX] == 1
    assert zone.statuses == {200: 2, 404: 1}
    assert zone[ZoneCell.ZONE_PROCESSING] == 0
    assert zone[ZoneCell.ZONE_RECEIVED] > 0
    assert zone[ZoneCell.ZONE_SENT] > 0


def test_a_request_that_moves_inside_is_counted_once():
    text = "status_zone site; location /a { error_page 404 /b; return 404; } location /b { }"
    zone = counted(text, b"/a")["site"]
    assert zone[ZoneCell.ZONE_REQUESTS] == 1
    assert zone[ZoneCell.ZONE_PROCESSING] == 0


def test_a_location_counts_for_its_zone_and_for_its_server():
    text = (
        "status_zone site; location /a { status_zone images; return 200; }"
        " location /b { return 200; }"
    )
    found = counted(text, b"/a", b"/b")
    assert found["images"][ZoneCell.ZONE_REQUESTS] == 1
    assert found["site"][ZoneCell.ZONE_REQUESTS] == 2


def test_an_if_goes_on_with_the_zone_of_its_location_or_has_its_own():
    text = (
        "status_zone site; location /a { status_zone images;"
        " if ($arg_x = 1) { return 200 plain; }"
        " if ($arg_x = 2) { status_zone special; return 200 other; } return 404; }"
    )
    found = counted(text, b"/a?x=1", b"/a?x=2", b"/a")
    assert found["special"][ZoneCell.ZONE_REQUESTS] == 1
    assert found["images"][ZoneCell.ZONE_REQUESTS] == 2


def test_what_is_closed_unanswered_is_discarded():
    with Inside("status_zone site; location / { return 444; }", cells=board()) as server:
        with Client(server.address) as client:
            client.send(request(b"GET", b"/"))
            assert client.closed()
        zone = zones(server)["site"]
        eventually(lambda: zone[ZoneCell.ZONE_DISCARDED] == 1)
        assert zone.statuses == {}
