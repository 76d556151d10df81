"""What `forkproxy status` prints, from the data that the master answers with."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

UNITS = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
WORKER = ("slot", "pid", "state", "generation", "age", "connections", "requests")
TURNS = {"turn_p999_ms": "p99.9 ms", "turn_longest_ms": "longest ms"}
CERTIFICATE = ("name", "days", "issuer", "state")
SHOWN = 10  # certificates, the first to end first
PEER = ("peer", "order", "active", "requests", "fails")


def text(data: dict[str, Any]) -> str:
    """Return the state of a master in a few lines, and tables of its workers and peers."""
    now, totals = data["connections"], data["totals"]
    since = duration(data["uptime"])
    facts = {
        "state": f"{data['state']}, generation {data['generation']}, for {since}",
        "listens": data["listens"],
        "connections": f"{now['active']}: {now['reading']} reading, {now['writing']} writing,"
        f" {now['waiting']} waiting",
        "so far": f"{totals['requests']} requests on {totals['accepted']} connections",
        "replaced": f"{totals['respawns']} processes that died",
        "last reload": data["last_reload"] or "none",
    }
    lines = [f"forkproxy {data['version']}, master {data['pid']}, keeper {data['keeper']}"]
    lines += [f"{name:12} {fact}" for name, fact in facts.items()]
    workers = [_worker(worker) for worker in data["workers"]]
    lines += ["", *table((*WORKER, *TURNS.values()), workers)]
    if data["peers"]:
        peers = [
            [name, *(peer[column] for column in PEER[1:])] for name, peer in data["peers"].items()
        ]
        lines += ["", *table(PEER, peers)]
    lines += _certificates(data.get("certificates", ()))
    return "\n".join(lines)


def _worker(found: dict[str, Any]) -> list[Any]:
    """Return a row: what it is, and how long its loop was held up."""
    row = [found[name] for name in WORKER]
    row[WORKER.index("age")] = duration(found["age"])
    return row + [f"{found.get(name, 0.0):.1f}" for name in TURNS]


def _certificates(found: Sequence[dict[str, Any]]) -> list[str]:
    """Return a table of certificates, and what is wrong with those that fail."""
    if not found:
        return []
    rows = [[one.get(column, "") for column in CERTIFICATE] for one in found[:SHOWN]]
    lines = ["", *table(("certificate", "days left", "issuer", "state"), rows)]
    for one in found:
        if one.get("error"):
            next_try = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(one["next_try"]))
            lines.append(f"{one['name']}: {one['error']}; next try {next_try}")
    return lines


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Return lines with columns as wide as they must be; numbers stand to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    columns = list(zip(head, *cells, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [all(map(_is_number, column[1:])) for column in columns]
    return [
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in [list(head), *cells]
    ]


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).isdecimal()


def duration(seconds: float) -> str:
    """Return a duration in its two largest units: "3 d 4 h", "12 s"."""
    left = int(seconds)
    parts: list[str] = []
    for unit, size in UNITS:
        count, left = divmod(left, size)
        if count or parts:
            parts.append(f"{count} {unit}")
    return " ".join(parts[:2]) or "0 s"
