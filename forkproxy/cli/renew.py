"""forkproxy renew: certificates that are looked after, obtained anew before their time."""

from __future__ import annotations

import argparse

from forkproxy.cli import control
from forkproxy.cli.ctl import OrderError, answered, find_master


def run(options: argparse.Namespace) -> int:
    """Tell the keeper; it goes about it at once. Raises OrderError or ControlError."""
    master = find_master(options)
    if not master.socket:
        raise OrderError("the control socket is off: control_socket")
    if not options.name and not options.all:
        raise OrderError("say which: a name, or --all")
    how = "revoke" if options.revoke else "keep"
    words = ("renew", "-" if options.all else options.name, how)
    found = answered(control.ask(master.socket, "POST", *words)).data
    for name in found["renewed"]:
        print(f"{name}: is being renewed; `forkproxy status` shows what comes of it")
    return 0
