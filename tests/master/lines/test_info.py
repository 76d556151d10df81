import json

from forkproxy.shared.scoreboard import Cell, SslCell
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


def test_handshakes_are_counted_with_their_pace():
    master = Master([("ssl", "")])
    first = master.cells.tally("ssl", "")
    for now, made, resumed in ((1.0, 10, 5), (2.0, 40, 30)):
        master.worker.store(first + SslCell.SSL_HANDSHAKES, made)
        master.worker.store(first + SslCell.SSL_SESSION_REUSES, resumed)
        master.counted.look(now)
    found = dict(line.split(": ", 1) for line in tell(master, "show info").splitlines())
    assert (found["CumSslConns"], found["SslRate"], found["MaxSslRate"]) == ("40", "30", "30")
    assert (found["SslFrontendKeyRate"], found["SslFrontendMaxKeyRate"]) == ("5", "5")
    assert found["SslFrontendSessionReuse_pct"] == "84"


def test_without_tls_there_are_no_handshakes():
    found = dict(line.split(": ", 1) for line in tell(Master(), "show info").splitlines())
    assert (found["CumSslConns"], found["SslFrontendSessionReuse_pct"]) == ("0", "0")
