"""The servers of upstreams, changed while forkproxy runs: drain, ready, down, weight, add, del.

Exit status 0: it is so; 1: it is not, and why is said. `drain --wait` ends with 1 where the server
still has requests after that time, and says how many.
"""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Callable
from typing import Any

from forkproxy import clock, units
from forkproxy.cli import control
from forkproxy.cli.ctl import OrderError, answered, find_master
from forkproxy.cli.status import table

_PAUSE = threading.Event()  # that never comes
LOOK = 0.2  # seconds between two looks at a server that drains
LAST_WORD = 5.0  # seconds for what was ended to be gone
COLUMNS = ("upstream", "id", "server", "state", "weight", "active", "requests", "fails")
FORCE = "--force"


def run(options: argparse.Namespace) -> int:
    """Carry out one command; raises OrderError or ControlError."""
    socket = find_master(options).socket
    if not socket:
        raise OrderError("the control socket is off: control_socket")
    return COMMANDS[options.command](socket, options)


def _servers(socket: str, options: argparse.Namespace) -> int:
    words = [options.upstream] if options.upstream else []
    data = answered(control.ask(socket, "GET", "servers", *words)).data
    rows = [[row.get(name, "") for name in COLUMNS] for row in data["servers"]]
    _show(options, data, table(COLUMNS, rows))
    return 0


def _state(socket: str, options: argparse.Namespace) -> int:
    data = answered(control.ask(socket, "GET", "state")).data
    columns = ("upstream", "server", "change", "order", "weight")
    rows = [[row.get(name, "") for name in columns] for row in data["changes"]]
    lines = table(columns, rows) if rows else ["everything is as the configuration says"]
    _show(options, data, lines)
    return 0


def _change(socket: str, options: argparse.Namespace) -> int:
    words = [options.upstream, options.server]
    if options.command == "weight":
        words.append(options.weight)
    elif options.command == "add":
        words += options.option
    elif options.command in ("down", "del") and options.force:
        words.append(FORCE)
    data = _order(socket, options.command, *words)
    _show(options, data, [])
    return 0


def _order(socket: str, command: str, *words: str) -> dict[str, Any]:
    answer = control.ask(socket, "POST", command, *words)
    if answer.data.get("error", {}).get("code") == "UpstreamLastServer":
        raise OrderError(f"{answer.text}: {FORCE} does it all the same")
    return answered(answer).data


def _drain(socket: str, options: argparse.Namespace) -> int:
    wait, kill = _seconds(options.wait, "--wait"), _seconds(options.kill_after, "--kill-after")
    began = clock.monotonic()
    words = [options.upstream, options.server]
    data = _order(socket, "drain", *words, *([FORCE] if options.force else []))
    limits = [limit for limit in (wait, kill) if limit is not None]
    left = _empty(socket, words, began, min(limits)) if limits else 0
    if left and kill is not None and kill == min(limits):
        answered(control.ask(socket, "POST", "kill", *words))
        left = _empty(socket, words, began, max(*limits, kill + LAST_WORD))
    if limits:
        data["active"] = left
    lines = [f"{options.server} still has {left} requests under way"] if left else []
    _show(options, data, lines)
    return 1 if left else 0


def _empty(socket: str, words: list[str], began: float, within: float) -> int:
    """Wait until a server has nothing in hand; return how much it has after all."""
    while True:
        data = answered(control.ask(socket, "GET", "servers", words[0])).data
        found = [row for row in data["servers"] if words[1] in (row["server"], row["name"])]
        active = sum(int(row.get("active", 0)) for row in found)
        if not active or clock.monotonic() - began >= within:
            return active
        _PAUSE.wait(LOOK)


def _seconds(text: str | None, flag: str) -> float | None:
    try:
        return None if text is None else units.parse_duration(text)
    except ValueError:
        raise OrderError(f'{flag} is "{text}": give a duration, as 30s or 5m') from None


def _show(options: argparse.Namespace, data: dict[str, Any], lines: list[str]) -> None:
    if options.json:
        print(json.dumps(data, indent=2))
    else:
        print("\n".join(lines), end="\n" if lines else "")


Act = Callable[[str, argparse.Namespace], int]
COMMANDS: dict[str, Act] = {
    "servers": _servers,
    "state": _state,
    "drain": _drain,
    "ready": _change,
    "down": _change,
    "weight": _change,
    "add": _change,
    "del": _change,
}
