"""Metrics of the instance as a whole."""

from forkproxy.master.metrics.process import families
from forkproxy.shared.scoreboard import Cell, SslCell
from tests.support.administration import Master
from tests.support.metrics import samples


def test_connections_are_counted_ever_and_told_apart_by_what_they_do_now():
    master = Master()
    for cell, count in ((Cell.ACCEPTED, 9), (Cell.HANDLED, 8), (Cell.REQUESTS, 20)):
        master.worker.add(cell, count)
    for cell, count in ((Cell.ACTIVE, 6), (Cell.WRITING, 2), (Cell.WAITING, 3)):
        master.worker.add(cell, count)
    found = samples(families(master))
    assert found["forkproxy_connections_accepted_total"] == "9"
    assert found["forkproxy_connections_dropped_total"] == "1"
    assert found["forkproxy_http_requests_total"] == "20"
    now = [
        found[f'forkproxy_connections{{state="{s}"}}'] for s in ("reading", "writing", "waiting")
    ]
    assert now == ["1", "2", "3"]


def test_a_reset_of_an_administrator_does_not_turn_counters_back():
    master = Master()
    master.worker.add(Cell.REQUESTS, 20)
    master.counted.reset([Cell.REQUESTS])
    assert samples(families(master))["forkproxy_http_requests_total"] == "20"


def test_tls_is_there_where_a_server_speaks_it():
    assert "forkproxy_tls_handshakes_total" not in samples(families(Master()))
    master = Master([("ssl", "")])
    master.worker.add(master.cells.tally("ssl", "") + SslCell.SSL_EXPIRED_CERT)
    found = samples(families(master))
    assert found["forkproxy_tls_handshakes_total"] == "0"
    assert found['forkproxy_tls_verify_failures_total{reason="expired_cert"}'] == "1"


def test_each_certificate_says_once_when_it_ends():
    master = Master()
    row = {"name": "/etc/tls/a.pem", "expires": 1800000000}
    master.shown = [row, row, {"name": "not yet obtained", "expires": 0}]
    found = samples(families(master))
    ends = {name: value for name, value in found.items() if "expiry" in name}
    assert ends == {
        'forkproxy_certificate_expiry_time_seconds{certificate="/etc/tls/a.pem"}': "1800000000"
    }


def test_the_generation_and_the_last_reload_are_told():
    found = samples(families(Master()))
    assert found["forkproxy_config_generation"] == "2"
    assert found["forkproxy_config_last_reload_successful"] == "1"
    assert found["forkproxy_workers"] == "1"
