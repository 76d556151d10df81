"""forkproxy bans and unban: whom limit_req … ban= refuses, and letting in again."""

from __future__ import annotations

import argparse
import json

from forkproxy.cli import control
from forkproxy.cli.ctl import OrderError, answered, find_master


def run(options: argparse.Namespace) -> int:
    """Carry out one command; raises OrderError or ControlError."""
    master = find_master(options)
    if not master.socket:
        raise OrderError("the control socket is off: control_socket")
    if options.command == "unban":
        answered(control.ask(master.socket, "POST", "unban", options.zone, options.key))
        return 0
    found = answered(control.ask(master.socket, "GET", "bans")).data["bans"]
    if options.json:
        print(json.dumps(found, indent=2))
    for ban in found if not options.json else ():
        print(f"{ban['zone']}  {ban['key']}  {ban['seconds']}s")
    return 0
