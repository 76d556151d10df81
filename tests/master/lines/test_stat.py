import json

import pytest

from forkproxy.master.lines.stat import COLUMNS
from forkproxy.shared.scoreboard import Cell, ZoneCell
from tests.support.administration import Master, tell
from tests.support.stat import table


@pytest.fixture
def master():
    master = Master([("server_zone", "site, one")])
    first = master.cells.tally("server_zone", "site, one")
    master.worker.add(Cell.ACCEPTED, 7)
    master.worker.add(Cell.REQUESTS, 9)
    master.worker.add(first + ZoneCell.ZONE_REQUESTS, 4)
    master.worker.add(first + ZoneCell.ZONE_PROCESSING)
    master.worker.add(first + ZoneCell.ZONE_2XX, 3)
    master.worker.add(first + ZoneCell.ZONE_HANDSHAKES, 2)
    return master


def test_the_columns_are_haproxys_in_its_order():
    assert len(COLUMNS) == 128
    assert COLUMNS[:3] == ["pxname", "svname", "qcur"]
    assert COLUMNS.index("status") == 17
    assert COLUMNS.index("type") == 32


def test_everything_and_each_zone_is_a_frontend(master):
    everything, zone = table(tell(master, "show stat"))
    assert (everything["pxname"], everything["svname"]) == ("http", "FRONTEND")
    assert (everything["stot"], everything["req_tot"], everything["slim"]) == ("7", "9", "512")
    assert zone["pxname"] == "site, one"
    assert (zone["ssl_sess"], zone["ssl_reused_sess"]) == ("2", "0")
    assert (zone["scur"], zone["stot"], zone["hrsp_2xx"]) == ("1", "4", "3")
    assert zone["qcur"] == ""


@pytest.mark.parametrize(
    ("words", "rows"),
    [("http", 1), ("-1 1 -1", 2), ("-1 2 -1", 0), ("2 1 0", 1), ("http 1 5", 0), ("no x y", 0)],
)
def test_the_table_is_narrowed_down(master, words, rows):
    assert len(table(tell(master, f"show stat {words}"))) == rows


def test_the_table_is_also_json_and_typed(master):
    (everything, zone) = json.loads(tell(master, "show stat json"))
    assert everything[0]["objType"] == "Frontend"
    assert everything[0]["value"] == {"type": "str", "value": "http"}
    assert zone[0]["value"]["value"] == "site, one"
    lines = tell(master, "show stat typed").splitlines()
    assert lines[0] == "F.2.0.0.pxname.1:KNS:str:http"


def test_counters_are_cleared_but_not_what_is_there_now(master):
    tell(master, "clear counters")
    assert table(tell(master, "show stat"))[0]["stot"] == "7"
    tell(master, "clear counters all")
    everything, zone = table(tell(master, "show stat"))
    assert (everything["stot"], zone["stot"], zone["scur"]) == ("0", "0", "1")
