"""A master whose workers echo lines, for tests of processes: `python -m tests.support.echo FOLDER`.

The configuration is FOLDER/conf.json, read anew with each load:

    {"ports": [8080], "workers": 2, "reuseport": false, "error": "", "crash": "", "peers": []}

a "state_path", a "control_path", "control_mode" and "control_group", an
"account", and any field of
ProcessSettings. A worker answers each line with its pid, the number of its
generation and the line; the lines "exit", "hang" and "grow" make it do that.
"""

import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

import gevent.socket

from forkproxy.config.address import Family, parse_address
from forkproxy.config.directives.upstream import UpstreamServer
from forkproxy.config.settings import Account, ControlSocket, ListenAddress, ProcessSettings
from forkproxy.errors import ConfigError
from forkproxy.master import main as master
from forkproxy.net import tasks
from forkproxy.shared.errorlog import Level, Target
from forkproxy.shared.logfile import files
from forkproxy.shared.scoreboard import Cell
from forkproxy.upstream.member import Member
from forkproxy.upstream.upstream import Upstream

GROWTH = []


@dataclass
class Generation:
    number: int
    settings: ProcessSettings
    listens: tuple
    workers: int
    upstreams: tuple
    targets: tuple
    state_path: str
    crash: str
    modules: str
    tallies: tuple = ()
    keyvals: dict = field(default_factory=dict)
    managed: tuple = ()
    certificates: tuple = ()
    zones: dict = field(default_factory=dict)
    limits: dict = field(default_factory=dict)
    config: object = None
    closed: bool = False

    def texts(self):
        return {"conf.json": str(self.settings)}

    def close(self):
        self.closed = True
        for target in self.targets:
            files.close(target.file)


class EchoAcceptor:
    """As downstream.acceptor.Acceptor, for lines."""

    def __init__(self, generation, sockets, cells):
        if generation.crash:
            raise RuntimeError(generation.crash)
        self.generation = generation
        self.cells = cells
        self.sockets = [sock for found in sockets.values() for sock in found]
        self.watches = {}
        self.open = set()
        self.draining = False
        self.modules = set(sys.modules)

    def start(self):
        for sock in self.sockets:
            self.watch(sock)

    def watch(self, sock):
        self.watches[sock] = tasks.Watch(sock.fileno(), lambda: self.accept(sock))

    def accept(self, sock):
        try:
            client, _ = sock.accept()
        except BlockingIOError:
            return
        self.cells.add(Cell.ACCEPTED)
        self.cells.add(Cell.ACTIVE)
        stream = gevent.socket.socket(client.family, client.type, fileno=client.detach())
        self.open.add(stream)
        tasks.spawn("echo", self.converse, stream)

    def converse(self, stream):
        try:
            for line in stream.makefile("rb"):
                self.obey(line.strip())
                self.cells.add(Cell.REQUESTS)
                answer = b"%d %d %s\n" % (os.getpid(), self.generation.number, line.strip())
                stream.sendall(answer)
                if self.draining and line.strip() != b"stay":
                    break
        except OSError:
            pass
        finally:
            self.cells.add(Cell.ACTIVE, -1)
            self.open.discard(stream)
            stream.close()

    def obey(self, line):
        if line == b"exit":
            os._exit(7)
        while line == b"hang":
            pass
        if line == b"grow":
            GROWTH.append(b"x" * 64 * 1024 * 1024)
        if line == b"environment":
            here = [f"{name}={value}" for name, value in os.environ.items()]
            Path(self.generation.modules).with_name("environment").write_text("\n".join(here))
        if line == b"modules":
            new = sorted(set(sys.modules) - self.modules)
            Path(self.generation.modules).write_text("\n".join(new))

    def adopt(self, _text, sock):
        self.watch(sock)

    def release(self, _text, sock):
        self.watches.pop(sock).stop()

    def stop_accepting(self):
        for watch in self.watches.values():
            watch.stop()
        self.watches.clear()

    def drain(self, grace):
        self.draining = True

    def connections(self):
        return len(self.open)

    def finished(self):
        return not self.open

    def close_all(self):
        for stream in list(self.open):
            stream.close()


def load_from(folder):
    """Return a function that builds a generation of what FOLDER/conf.json says now."""

    def load(number):
        conf = json.loads((folder / "conf.json").read_text())
        if conf.get("error"):
            raise ConfigError(conf["error"])
        workers = conf.get("workers", 1)
        given = {name: conf[name] for name in ProcessSettings.__slots__ if name in conf}
        if "account" in conf:
            given["user"] = Account(**conf["account"])
        given |= {"workers": workers, "control": control(folder, conf)}
        settings = ProcessSettings(**(defaults(folder) | given))
        listens = tuple(
            listen(port, reuseport=conf.get("reuseport", False)) for port in conf["ports"]
        )
        log = files.open(str(folder / "error.log"))
        return Generation(
            number,
            settings,
            listens,
            workers,
            tuple(upstreams(conf.get("peers", ()))),
            (Target(log, Level.DEBUG),),
            conf.get("state_path", str(folder / "state")),
            conf.get("crash", ""),
            str(folder / "modules"),
        )

    return load


def defaults(folder):
    return {
        "user": None,
        "pid_path": str(folder / "pid"),
        "daemon": False,
        "master_process": True,
        "worker_connections": 512,
        "worker_shutdown_timeout": 600.0,
        "worker_memory_limit": 0,
        "accept_memory_limit": 0,
        "priority": 0,
        "rlimit_nofile": None,
        "rlimit_core": None,
        "cpu_affinity": None,
        "working_directory": "",
        "env": (),
    }


def control(folder, conf):
    path = conf.get("control_path", str(folder / "control.sock"))
    return ControlSocket(path, conf.get("control_mode", 0o600), conf.get("control_group", ""))


def upstreams(peers):
    """Yield an upstream for each "upstream/address"."""
    for peer in peers:
        name, _, address = peer.partition("/")
        line = UpstreamServer(address, parse_address(address, default_port=80))
        yield Upstream(name, [Member(0, line, address)])


def listen(where, reuseport=False):
    """Return the address of a port of 127.0.0.1, or of a Unix socket's path."""
    if isinstance(where, str):
        return ListenAddress(Family.UNIX, "", 0, where, f"unix:{where}")
    text = f"127.0.0.1:{where}"
    return ListenAddress(Family.INET, "127.0.0.1", where, "", text, reuseport=reuseport)


def main():
    folder = Path(sys.argv[1])
    try:
        code = master.run(load_from(folder), EchoAcceptor, daemon="--daemon" in sys.argv)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        code = 1
    sys.exit(code)


if __name__ == "__main__":
    main()
