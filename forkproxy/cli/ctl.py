"""Commands to a master that runs: over its control socket, or by a signal.

The control socket answers with the outcome. A signal is what remains where that is off;
then the error log has the outcome.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import signal
import sys
from pathlib import Path
from typing import NamedTuple

from forkproxy.cli import control, status
from forkproxy.cli.source import SEARCHED, find
from forkproxy.errors import ForkproxyError

SIGNALS = {
    "reload": signal.SIGHUP,
    "quit": signal.SIGQUIT,
    "stop": signal.SIGTERM,
    "reopen": signal.SIGUSR1,
    "upgrade": signal.SIGUSR2,
}
WORTH_ASKING = ("reload", "upgrade")  # of the others a signal tells as much
# What a master does whatever has become of its file since. (nginx's own `-s` needs a good one.)
BROKEN_OR_NOT = ("quit", "stop", "reopen")
STOP_TIME = 15.0  # seconds; the master kills what has not ended well before


class OrderError(ForkproxyError):
    """A command that could not be carried out."""


class Master(NamedTuple):
    """Where a master is found; "" for what there is not."""

    socket: str
    pid_path: str


def run(options: argparse.Namespace) -> int:
    """Carry out one command; raises OrderError or ControlError."""
    master = find_master(options)
    if options.command in SIGNALS:
        order(options.command, master)
    elif not master.socket:
        raise OrderError("the control socket is off: control_socket")
    else:
        answer = answered(control.ask(master.socket, "GET", "status"))
        as_json = options.format == "json"
        print(json.dumps(answer.data, indent=2) if as_json else status.text(answer.data))
    return 0


def find_master(options: argparse.Namespace) -> Master:
    """Return where the options say that the master is, else where its configuration does."""
    socket, pid_path = getattr(options, "socket", None), getattr(options, "pid", None)
    if socket or pid_path:
        return Master(socket or "", pid_path or "")
    source = find(options)
    if source is None:
        searched = ", ".join(SEARCHED)
        raise OrderError(f"no configuration says where forkproxy runs ({searched}): give -c")
    from forkproxy.config.problems import ConfigErrors
    from forkproxy.config.settings import process_settings

    try:
        config = source.load()
    except ConfigErrors:
        if options.command not in BROKEN_OR_NOT or not Path(source.path).is_file():
            raise
        config = source.outline()
    settings = process_settings(config)
    return Master(settings.control.path if settings.control else "", settings.pid_path)


def order(command: str, master: Master) -> None:
    """Give an order that is a signal, too; returns when what can be known at once is known."""
    if master.socket and (command in WORTH_ASKING or not master.pid_path):
        try:
            answered(control.ask(master.socket, "POST", command))
        except control.NobodyListensError:
            if not master.pid_path:
                raise
        else:
            return
    tell(command, master.pid_path)


def answered(answer: control.Answer) -> control.Answer:
    """Return an answer that is a success; raises OrderError with what the master said."""
    if answer.status != 200:
        raise OrderError(answer.text)
    return answer


def tell(command: str, pid_path: str) -> None:
    """Send the signal of an order; wait for the end of a master that is told to stop."""
    if not pid_path:
        raise OrderError("there is neither a control socket nor a pid file: control_socket, pid")
    pid = read_pid(pid_path)
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        raise OrderError(f"forkproxy does not run: {pid_path} names process {pid}") from None
    try:
        signal.pidfd_send_signal(process, SIGNALS[command])
        if command == "stop" and not select.select([process], [], [], STOP_TIME)[0]:
            raise OrderError(f"process {pid} has not ended within {STOP_TIME:.0f} s")
    except OSError as error:
        raise OrderError(f"process {pid} of {pid_path}: {error.strerror}") from error
    finally:
        os.close(process)
    if command in WORTH_ASKING:
        note = f"forkproxy: process {pid} is told; its error log says what comes of it"
        print(note, file=sys.stderr)


def read_pid(path: str) -> int:
    """Return the number in a pid file."""
    try:
        word = Path(path).read_text("ascii", "replace").strip()
    except FileNotFoundError:
        raise OrderError(f"forkproxy does not run: there is no {path}") from None
    except OSError as error:
        raise OrderError(f"{path}: {error.strerror}") from error
    if not word.isdecimal() or not int(word):
        raise OrderError(f'{path}: "{word}" is not a process')
    return int(word)
