"""Lines that HAProxy has not, in words like its own: workers, caches, limits."""

from __future__ import annotations

from forkproxy.master import commands
from forkproxy.master.events import Command
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Refused, Reply
from forkproxy.shared.scoreboard import LimitConnCell, LimitReqCell

MOST_WORKERS = 256
KINDS = ("tag", "prefix", "key", "host", "all")


def show_workers(line: Line) -> Reply | None:
    """`show workers`: one line for each."""
    return commands.run(line.master, ["workers"], line.client)


def set_workers(line: Line) -> Reply | None:
    """`set workers N`: so many until the next reload."""
    word = line.word(2)
    if not (word.isascii() and word.isdecimal()) or not 1 <= int(word) <= MOST_WORKERS:
        raise Refused(f"'set workers' expects a number from 1 to {MOST_WORKERS}.", "")
    change = int(word) - len(line.master.facts().workers)
    if change == 0:
        return Reply(f"{word} workers")
    step = Command.MORE if change > 0 else Command.LESS
    for _ in range(abs(change) - 1):
        line.master.ask(step, 0)
    line.master.ask(step, line.client)
    return None


def show_cache(line: Line) -> Reply | None:
    """`show cache [ZONE]`: sizes and counters."""
    return commands.run(line.master, ["cache-stat", line.word(2) or "-"], line.client)


def purge(line: Line) -> Reply | None:
    """`purge tag|prefix|key|host TEXT [ZONE]`, `purge all [ZONE]`."""
    kind, *words = (*line.words[1:], "")
    text = "" if kind == "all" or not words else words.pop(0)
    if kind not in KINDS or (kind != "all" and not text):
        raise Refused("'purge' expects 'tag', 'prefix', 'key' or 'host' and a text, or 'all'.", "")
    zone = next((word for word in words if word), "-")
    return commands.run(line.master, ["cache-purge", zone, kind, text, "hard"], line.client)


def show_limits(line: Line) -> Reply:
    """`show limits`: what each zone of limit_req and limit_conn has let through, and not."""
    rows = ["# zone kind passed delayed rejected"]
    counted = line.master.counted
    for name in counted.cells.directory.tallies("limit_req"):
        first = counted.cells.tally("limit_req", name)
        cells = (
            LimitReqCell.LIMIT_REQ_PASSED,
            LimitReqCell.LIMIT_REQ_DELAYED,
            LimitReqCell.LIMIT_REQ_REJECTED,
        )
        rows.append(" ".join([name, "req", *(str(counted.total(first + cell)) for cell in cells)]))
    for name in counted.cells.directory.tallies("limit_conn"):
        first = counted.cells.tally("limit_conn", name)
        passed = counted.total(first + LimitConnCell.LIMIT_CONN_PASSED)
        rejected = counted.total(first + LimitConnCell.LIMIT_CONN_REJECTED)
        rows.append(f"{name} conn {passed} 0 {rejected}")
    return Reply("\n".join(rows))
