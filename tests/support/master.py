"""A real master with workers that echo lines (echo.py), as a child process of the test.

with EchoMaster(workers=2) as master:
    pid, generation = master.ask()
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from tests.support.eventually import PATIENCE, eventually
from tests.support.sockets import connect, free_port

ROOT = Path(__file__).parents[2]
START = PATIENCE  # seconds a master may take until it serves
STOP = PATIENCE  # seconds everything may take to go


class EchoMaster:
    """A master in a temporary folder, until the `with` ends; no process is left then."""

    def __init__(self, *arguments, environment=None, wrapper=(), mode=0o755, fds=(), **conf):
        self.folder = Path(tempfile.mkdtemp(prefix="master-"))
        self.folder.chmod(mode)  # the workers may be of another user
        self.port = free_port()
        self.conf = {"ports": [self.port], "workers": 1} | conf
        self.write()
        self.output = self.folder / "output"
        command = [*wrapper, sys.executable, "-m", "tests.support.echo", str(self.folder)]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, *arguments],
                cwd=ROOT,
                env=os.environ | (environment or {}),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=fds,
            )

    def __enter__(self):
        try:
            self.serving()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(self, *_):
        self.end()

    def write(self, **changes):
        """Write the configuration, for the next load."""
        self.conf |= changes
        (self.folder / "conf.json").write_text(json.dumps(self.conf))

    def serving(self):
        """Wait until the control socket says that it runs."""

        def runs():
            if self.process.poll() not in (None, 0):
                raise RuntimeError(self.log())
            return "state: running" in self.tell("status")

        return eventually(runs, START, "the master runs")

    @property
    def pid(self):
        """The master's pid, as its pid file says."""
        return int((self.folder / "pid").read_text())

    def connect(self):
        """Return a connection to a worker."""
        return Line(connect(f"127.0.0.1:{self.port}"))

    def ask(self, line="hello"):
        """Return (pid, generation) of a worker that has answered a line."""
        with self.connect() as connection:
            return connection.ask(line)

    def tell(self, line):
        """Return the answer of the control socket."""
        with connect(f"unix:{self.folder / 'control.sock'}", timeout=30.0) as sock:
            sock.sendall(line.encode() + b"\n")
            return b"".join(iter(lambda: sock.recv(65536), b"")).decode()

    def status(self):
        """Return the fields of `status`, its workers aside."""
        lines = self.tell("status").strip().split("\n")
        pairs = (line.partition(": ") for line in lines)
        return {name: value for name, _, value in pairs if name != "workers"}

    def workers(self):
        """Return a dict of text for each worker."""
        rows = self.tell("workers").strip().split("\n")
        return [dict(field.split("=", 1) for field in row.split()) for row in rows if row]

    def worker_pids(self, state="ready"):
        return {int(row["pid"]) for row in self.workers() if row["state"] == state}

    def signal(self, number):
        os.kill(self.pid, number)

    def reload(self, **changes):
        """Reload with a changed configuration; return what the master says."""
        self.write(**changes)
        return self.tell("reload").strip()

    def log(self):
        """Return the error log and what was printed."""
        files = [self.output, self.folder / "error.log"]
        return "".join(file.read_text(errors="replace") for file in files if file.exists())

    def masters(self):
        """Return the process that was started, and the one the pid file names."""
        found = set()
        if self.process.poll() is None:
            found.add(psutil.Process(self.process.pid))
        with contextlib.suppress(OSError, ValueError, psutil.NoSuchProcess):
            found.add(psutil.Process(self.pid))
        return found

    def family(self):
        """Return all processes of this master, that it knows of, as psutil sees them."""
        masters = self.masters()
        family = set(masters)
        for process in masters:
            with contextlib.suppress(psutil.NoSuchProcess):
                family |= set(process.children(recursive=True))
        return family

    def wait(self, within=STOP):
        """Wait for the end of the process that was started; return its exit status."""
        return self.process.wait(within)

    def end(self):
        """End everything, and remove the folder."""
        family = self.family()
        for process in self.masters():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(family, STOP)
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(alive, STOP)
        self.process.wait(STOP)
        shutil.rmtree(self.folder, ignore_errors=True)


class Line:
    """One connection to an echo worker."""

    def __init__(self, sock):
        self.sock = sock
        self.file = sock.makefile("rb")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def send(self, line):
        self.sock.sendall(line.encode() + b"\n")

    def ask(self, line="hello"):
        """Return (pid, generation) of the worker; EOFError where it closes instead."""
        self.send(line)
        answer = self.file.readline().split()
        if not answer:
            raise EOFError(line)
        return int(answer[0]), int(answer[1])

    def ask_until_closed(self):
        """Ask again and again, until the worker ends the connection; return who answered."""
        pids = set()
        with contextlib.suppress(EOFError, ConnectionError):
            for _ in range(10000):
                pids.add(self.ask()[0])
        assert self.closed()
        return pids

    def closed(self):
        """Tell whether the worker has closed the connection."""
        self.sock.settimeout(0.0)
        try:
            return self.sock.recv(1) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            return True
        finally:
            self.sock.settimeout(5.0)

    def close(self):
        self.file.close()
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()


def alive(pid):
    """Tell whether a process runs; one that only waits to be reaped does not."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    return False
