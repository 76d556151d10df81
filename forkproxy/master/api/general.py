"""What the API says of the instance as a whole: processes, connections, workers, TLS."""

from __future__ import annotations

from typing import Any

from forkproxy import __version__
from forkproxy.master.api.call import Call
from forkproxy.master.facts import iso
from forkproxy.master.reply import Refused, Reply
from forkproxy.shared.scoreboard import Cell, SslCell

DONE = Reply(status=204)
NGINX = "1.29.7"  # whose language we speak: what clients compare
VERIFY_FAILURES = {
    "no_cert": SslCell.SSL_NO_CERT,
    "expired_cert": SslCell.SSL_EXPIRED_CERT,
    "revoked_cert": SslCell.SSL_REVOKED_CERT,
    "hostname_mismatch": SslCell.SSL_HOSTNAME_MISMATCH,
    "other": SslCell.SSL_OTHER,
}
SSL = {
    "handshakes": SslCell.SSL_HANDSHAKES,
    "handshakes_failed": SslCell.SSL_HANDSHAKES_FAILED,
    "session_reuses": SslCell.SSL_SESSION_REUSES,
}
SSL_SINCE_8 = {
    "no_common_protocol": SslCell.SSL_NO_COMMON_PROTOCOL,
    "no_common_cipher": SslCell.SSL_NO_COMMON_CIPHER,
    "handshake_timeout": SslCell.SSL_HANDSHAKE_TIMEOUT,
    "peer_rejected_cert": SslCell.SSL_PEER_REJECTED_CERT,
}


def nginx(call: Call) -> Reply:
    """Say what runs here, and since when."""
    facts = call.master.facts()
    found = {
        "version": NGINX,
        "build": f"forkproxy-{__version__}",
        "address": call.address,
        "generation": facts.generation,
        "load_timestamp": iso(facts.loaded_at),
        "timestamp": iso(facts.now),
        "pid": facts.pid,
        "ppid": facts.ppid,
    }
    return Reply(data=call.limited(found))


def processes(call: Call) -> Reply:
    """Say how many processes were replaced after they died."""
    return Reply(data=call.limited({"respawned": call.master.counted.total(Cell.RESPAWNS)}))


def reset_processes(call: Call) -> Reply:
    """Count them anew."""
    call.master.counted.reset([Cell.RESPAWNS])
    return DONE


def connections(call: Call) -> Reply:
    """Count the clients' connections."""
    counted = call.master.counted
    return Reply(data=call.limited(_connections(counted.total)))


def _connections(count: Any) -> dict[str, int]:
    accepted, waiting = count(Cell.ACCEPTED), count(Cell.WAITING)
    return {
        "accepted": accepted,
        "dropped": max(0, accepted - count(Cell.HANDLED)),
        "active": max(0, count(Cell.ACTIVE) - waiting),
        "idle": waiting,
    }


def reset_connections(call: Call) -> Reply:
    """Count them anew."""
    call.master.counted.reset([Cell.ACCEPTED, Cell.HANDLED])
    return DONE


def requests(call: Call) -> Reply:
    """Count the requests of all clients."""
    counted = call.master.counted
    found = {"total": counted.total(Cell.REQUESTS), "current": counted.total(Cell.WRITING)}
    return Reply(data=call.limited(found))


def reset_requests(call: Call) -> Reply:
    """Count them anew."""
    call.master.counted.reset([Cell.REQUESTS])
    return DONE


def workers(call: Call) -> Reply:
    """List the workers that serve."""
    return Reply(data=[call.limited(one) for one in _workers(call)])


def worker(call: Call, name: str) -> Reply:
    """Return one of them."""
    return Reply(data=call.limited(_workers(call)[_worker_index(call, name)]))


def _workers(call: Call) -> list[dict[str, Any]]:
    counted = call.master.counted
    found = []
    for number, (_, pid, row, _) in enumerate(call.master.facts().workers):

        def count(cell: int, row: int = row) -> int:
            return counted.value(row, cell)

        requests = {"total": count(Cell.REQUESTS), "current": count(Cell.WRITING)}
        found.append(
            {
                "id": number,
                "pid": pid,
                "connections": _connections(count),
                "http": {"requests": requests},
            }
        )
    return found


def reset_workers(call: Call) -> Reply:
    """Count anew what each worker did."""
    for _, _, row, _ in call.master.facts().workers:
        call.master.counted.reset_values(row, (Cell.ACCEPTED, Cell.HANDLED, Cell.REQUESTS))
    return DONE


def reset_worker(call: Call, name: str) -> Reply:
    """Count anew what one of them did."""
    _, _, row, _ = call.master.facts().workers[_worker_index(call, name)]
    call.master.counted.reset_values(row, (Cell.ACCEPTED, Cell.HANDLED, Cell.REQUESTS))
    return DONE


def _worker_index(call: Call, name: str) -> int:
    if name.isdecimal() and int(name) < len(call.master.facts().workers):
        return int(name)
    raise Refused("worker not found", "WorkerNotFound", 404)


def ssl(call: Call) -> Reply:
    """Count TLS handshakes of all clients."""
    names = SSL | (SSL_SINCE_8 if call.version >= 8 else {})
    found: dict[str, Any] = {name: call.master.counted.ssl(cell) for name, cell in names.items()}
    if call.version >= 8:
        failures = {name: call.master.counted.ssl(cell) for name, cell in VERIFY_FAILURES.items()}
        found["verify_failures"] = failures
    return Reply(data=call.limited(found))


def reset_ssl(call: Call) -> Reply:
    """Count them anew."""
    cells = call.master.counted.cells
    if "" in cells.directory.tallies("ssl"):
        first = cells.tally("ssl", "")
        call.master.counted.reset(first + cell for cell in SslCell)
    return DONE
