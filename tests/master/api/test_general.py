import pytest

from forkproxy.shared.scoreboard import Cell, SslCell
from tests.support.administration import Master, call


@pytest.fixture
def master():
    master = Master([("ssl", "")])
    for cell, count in (
        (Cell.ACCEPTED, 10),
        (Cell.HANDLED, 9),
        (Cell.ACTIVE, 5),
        (Cell.WAITING, 3),
        (Cell.REQUESTS, 40),
        (Cell.WRITING, 2),
    ):
        master.worker.add(cell, count)
    return master


def test_nginx_says_what_runs(master):
    status, data = call(master, "GET", "/api/9/nginx")
    assert status == 200
    assert data["build"] == "forkproxy-0.1.0"
    assert (data["generation"], data["pid"], data["ppid"]) == (2, 1, 0)
    assert data["load_timestamp"] == "1970-01-01T00:17:40.500Z"
    assert call(master, "GET", "/api/9/nginx?fields=pid")[1] == {"pid": 1}


def test_connections_are_counted_and_reset(master):
    expected = {"accepted": 10, "dropped": 1, "active": 2, "idle": 3}
    assert call(master, "GET", "/api/9/connections") == (200, expected)
    assert call(master, "DELETE", "/api/9/connections") == (204, None)
    expected = {"accepted": 0, "dropped": 0, "active": 2, "idle": 3}
    assert call(master, "GET", "/api/9/connections") == (200, expected)


def test_requests_are_counted_and_reset(master):
    assert call(master, "GET", "/api/9/http/requests") == (200, {"total": 40, "current": 2})
    call(master, "DELETE", "/api/9/http/requests")
    assert call(master, "GET", "/api/9/http/requests")[1]["total"] == 0


def test_processes_are_counted_and_reset(master):
    master.cells.add(Cell.RESPAWNS, 2)
    assert call(master, "GET", "/api/9/processes") == (200, {"respawned": 2})
    call(master, "DELETE", "/api/9/processes")
    assert call(master, "GET", "/api/9/processes") == (200, {"respawned": 0})


def test_each_worker_has_its_numbers(master):
    status, (worker,) = call(master, "GET", "/api/9/workers")
    assert status == 200
    assert worker == {
        "id": 0,
        "pid": 3,
        "connections": {"accepted": 10, "dropped": 1, "active": 2, "idle": 3},
        "http": {"requests": {"total": 40, "current": 2}},
    }
    assert call(master, "GET", "/api/9/workers/0") == (200, worker)
    assert call(master, "DELETE", "/api/9/workers/0") == (204, None)
    assert call(master, "GET", "/api/9/workers/0")[1]["http"]["requests"]["total"] == 0
    assert call(master, "DELETE", "/api/9/workers/") == (204, None)


@pytest.mark.parametrize("name", ["1", "x", "-1"])
def test_a_worker_that_there_is_not_is_told(master, name):
    status, data = call(master, "GET", f"/api/9/workers/{name}")
    assert (status, data["error"]["code"]) == (404, "WorkerNotFound")


def test_handshakes_are_counted_with_the_fields_of_the_version(master):
    first = master.cells.tally("ssl", "")
    master.worker.add(first + SslCell.SSL_HANDSHAKES, 5)
    master.worker.add(first + SslCell.SSL_EXPIRED_CERT)
    data = call(master, "GET", "/api/9/ssl")[1]
    assert data["handshakes"] == 5
    assert data["verify_failures"]["expired_cert"] == 1
    assert set(call(master, "GET", "/api/7/ssl")[1]) == {
        "handshakes",
        "handshakes_failed",
        "session_reuses",
    }
    call(master, "DELETE", "/api/9/ssl")
    assert call(master, "GET", "/api/9/ssl")[1]["handshakes"] == 0


def test_without_tls_there_are_no_handshakes():
    assert call(Master(), "GET", "/api/9/ssl")[1]["handshakes"] == 0
    assert call(Master(), "DELETE", "/api/9/ssl") == (204, None)
