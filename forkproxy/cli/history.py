"""`forkproxy history` and `rollback`: what a running master has loaded, and back to it."""

from __future__ import annotations

import argparse
import json

from forkproxy.cli import control
from forkproxy.cli.ctl import OrderError, answered, find_master
from forkproxy.cli.status import table

COLUMNS = ("generation", "loaded", "state", "like", "digest", "kept", "reason")


def run(options: argparse.Namespace) -> int:
    """Carry out one command; raises OrderError or ControlError."""
    socket = find_master(options).socket
    if not socket:
        raise OrderError("the control socket is off: control_socket")
    if options.command == "rollback":
        words = [options.generation] if options.generation else []
        print(answered(control.ask(socket, "POST", "rollback", *words)).text)
        return 0
    data = answered(control.ask(socket, "GET", "history")).data
    rows = [[str(row.get(name, "")) for name in COLUMNS] for row in data["history"]]
    print(json.dumps(data, indent=2) if options.json else "\n".join(table(COLUMNS, rows)))
    return 0
