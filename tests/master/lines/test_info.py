import json

from forkproxy.shared.scoreboard import Cell
from tests.support.administration import Master, tell


def test_info_is_a_name_and_a_value_a_line():
    master = Master()
    master.worker.add(Cell.ACTIVE, 3)
    found = dict(line.split(": ", 1) for line in tell(master, "show info").splitlines())
    assert (found["Name"], found["Product"]) == ("HAProxy", "forkproxy")
    assert found["CurrConns"] == "3"
    assert found["Uptime"] == "1d 2h03m04s"
    assert found["Uptime_sec"] == "93784"
    assert (found["Nbproc"], found["Nbthread"]) == ("1", "1")


def test_info_is_also_json_and_typed():
    found = json.loads(tell(Master(), "show info json"))
    assert found[0]["field"] == {"pos": 0, "name": "Name"}
    assert tell(Master(), "show info typed").splitlines()[0] == "0.Name.1:POS:str:HAProxy"


def test_version_and_errors_are_as_haproxys():
    assert tell(Master(), "show version").startswith("2.6.")
    assert tell(Master(), "show errors").startswith("Total events captured")
    assert tell(Master(), "show env") == ""
