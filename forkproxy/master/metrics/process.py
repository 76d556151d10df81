"""Metrics of the instance as a whole: what runs, connections, requests, TLS, certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from forkproxy import __version__
from forkproxy.master.administration import Master
from forkproxy.master.metrics.exposition import Family, labels_of
from forkproxy.shared.scoreboard import Cell, SslCell

_VERIFICATION = (
    SslCell.SSL_NO_CERT,
    SslCell.SSL_EXPIRED_CERT,
    SslCell.SSL_REVOKED_CERT,
    SslCell.SSL_HOSTNAME_MISMATCH,
    SslCell.SSL_OTHER,
)


def families(master: Master) -> Iterator[Family]:
    """Yield all of them."""
    yield from _instance(master)
    yield from _connections(master.counted.cells.board.total)
    yield from _tls(master)
    yield _certificates(master)


def _gauge(name: str, meaning: str, value: float, labels: str = "") -> Family:
    made = Family(name, "gauge", meaning)
    made.add(value, labels)
    return made


def _counter(name: str, meaning: str, value: float) -> Family:
    made = Family(name, "counter", meaning)
    made.add(value)
    return made


def _instance(master: Master) -> Iterator[Family]:
    facts = master.facts()
    build = labels_of(version=__version__)
    yield _gauge("build_info", "What runs here.", 1, build)
    yield _gauge("start_time_seconds", "When the master began.", facts.began_at)
    yield _gauge("config_generation", "The generation that serves.", facts.generation)
    yield _gauge("config_load_time_seconds", "When it began to serve.", facts.loaded_at)
    yield _gauge(
        "config_last_reload_successful",
        "Whether the last reload brought a generation up; 1 before the first.",
        int(facts.reloaded),
    )
    yield _gauge("workers", "Workers that serve.", len(facts.workers))
    yield _counter("respawns_total", "Processes replaced after they died.", facts.respawned)


def _connections(total: Callable[[int], int]) -> Iterator[Family]:
    accepted, handled = total(Cell.ACCEPTED), total(Cell.HANDLED)
    active, waiting, writing = total(Cell.ACTIVE), total(Cell.WAITING), total(Cell.WRITING)
    yield _counter("connections_accepted_total", "Connections of clients.", accepted)
    yield _counter(
        "connections_dropped_total", "Those of them closed at once.", max(0, accepted - handled)
    )
    now = Family("connections", "gauge", "Connections of clients that are open now.")
    states = {"reading": active - writing - waiting, "writing": writing, "waiting": waiting}
    for state, count in states.items():
        now.add(max(0, count), labels_of(state=state))
    yield now
    yield _counter("http_requests_total", "Requests of clients.", total(Cell.REQUESTS))


def _tls(master: Master) -> Iterator[Family]:
    cells = master.counted.cells
    try:
        first = cells.tally("ssl", "")
    except KeyError:
        return  # no server speaks TLS

    def total(cell: int) -> int:
        return cells.board.total(first + cell)

    yield _counter(
        "tls_handshakes_total", "Handshakes with clients.", total(SslCell.SSL_HANDSHAKES)
    )
    yield _counter(
        "tls_session_reuses_total",
        "Handshakes that resumed a session.",
        total(SslCell.SSL_SESSION_REUSES),
    )
    yield _counter(
        "tls_handshakes_failed_total",
        "Handshakes that failed.",
        total(SslCell.SSL_HANDSHAKES_FAILED),
    )
    verify = Family(
        "tls_verify_failures_total", "counter", "Certificates of clients that were not accepted."
    )
    for cell in _VERIFICATION:
        reason = cell.name.removeprefix("SSL_").lower()
        verify.add(total(cell), labels_of(reason=reason))
    yield verify


def _certificates(master: Master) -> Family:
    made = Family(
        "certificate_expiry_time_seconds", "gauge", "When a certificate that is shown runs out."
    )
    ends = {str(row["name"]): row["expires"] for row in master.shown_certificates()}
    for name, at in ends.items():
        if at:
            made.add(at, labels_of(certificate=name))
    return made
