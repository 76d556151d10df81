"""What processes need to know, out of a Config, as plain frozen values.

`process_settings` is for the master, before and after it forks; `listens` says which
sockets there are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from forkproxy.clock import wall
from forkproxy.config.directives.listen import ListenAddress, default_listen
from forkproxy.config.directives.process import Account, ControlSocket, CpuAffinity, account
from forkproxy.config.load import Config
from forkproxy.config.scope import Scope

__all__ = [
    "Account",
    "ControlSocket",
    "CpuAffinity",
    "ListenAddress",
    "ProcessSettings",
    "listens",
    "process_settings",
    "server_addresses",
]

DEFAULT_USER = "nobody"  # as nginx: root's children never stay root
DEFAULT_PID = "forkproxy.pid"
DEFAULT_CONTROL = "forkproxy.sock"


@dataclass(frozen=True, slots=True)
class ProcessSettings:
    """The main and events contexts. Paths are absolute."""

    workers: int
    user: Account | None  # None: children stay who the master is
    pid_path: str  # "": no pid file
    daemon: bool
    master_process: bool
    worker_connections: int
    worker_shutdown_timeout: float  # seconds
    worker_memory_limit: int  # octets; 0: none
    accept_memory_limit: int  # octets; 0: none
    priority: int  # nice value
    rlimit_nofile: int | None
    rlimit_core: int | None  # octets
    cpu_affinity: CpuAffinity | None
    working_directory: str  # "": where the master is
    env: tuple[tuple[str, str | None], ...]  # None: the value that is there
    control: ControlSocket | None
    conf_path: str = ""  # the main file, "" where there is none
    prefix: str = ""
    read_at: float = 0.0  # wall time


def process_settings(config: Config) -> ProcessSettings:
    """Return what the main and events contexts say, defaults filled in."""
    main = config.main
    return ProcessSettings(
        workers=main.value("worker_processes") or processors(),
        user=_user(main),
        pid_path=_pid_path(config),
        daemon=main.value("daemon"),
        master_process=main.value("master_process"),
        worker_connections=_worker_connections(main),
        worker_shutdown_timeout=main.value("worker_shutdown_timeout"),
        worker_memory_limit=main.value("worker_memory_limit"),
        accept_memory_limit=main.value("accept_memory_limit"),
        priority=main.value("worker_priority"),
        rlimit_nofile=main.value("worker_rlimit_nofile"),
        rlimit_core=main.value("worker_rlimit_core"),
        cpu_affinity=main.value("worker_cpu_affinity"),
        working_directory=main.value("working_directory"),
        env=tuple(line.value for line in main.lines("env")),
        control=_control(config),
        conf_path=config.path if Path(config.path).is_file() else "",
        prefix=config.prefix,
        read_at=wall(),
    )


def processors() -> int:
    """Return how many processors this process may use: what `worker_processes auto` means."""
    return len(os.sched_getaffinity(0))


def _user(main: Scope) -> Account | None:
    given = main.given("user")
    if given is None and os.geteuid() == 0:
        return account(DEFAULT_USER)
    user: Account | None = given.value if given else None
    return user


def _pid_path(config: Config) -> str:
    given = config.main.given("pid")
    path: str = given.value if given else os.path.join(config.prefix, DEFAULT_PID)  # noqa: PTH118
    return path


def _worker_connections(main: Scope) -> int:
    connections: int = main.blocks("events")[0].value("worker_connections")
    return connections


def _control(config: Config) -> ControlSocket | None:
    given = config.main.given("control_socket")
    if given is None:
        return ControlSocket(os.path.join(config.prefix, DEFAULT_CONTROL))  # noqa: PTH118
    control: ControlSocket | None = given.value
    return control


def server_addresses(server: Scope) -> tuple[ListenAddress, ...]:
    """Return the addresses of one server, as its listen lines give them."""
    lines = server.own("listen")
    if lines:
        return tuple(address for line in lines for address in line.value)
    # As nginx: a user who may not open port 80 gets one that he may.
    return (default_listen(80 if os.geteuid() == 0 else 8000),)


def listens(config: Config) -> tuple[ListenAddress, ...]:
    """Return each address once, in file order, with the options that some server gave it."""
    found: dict[str, ListenAddress] = {}
    for address in _addresses(config):
        known = found.setdefault(address.text, address)
        if known != address:
            found[address.text] = _joined(known, address)
    return tuple(found.values())


def _joined(known: ListenAddress, address: ListenAddress) -> ListenAddress:
    """Return what two servers say of one address: options are given by one, protocols by any."""
    return replace(
        address if address.explicit else known,
        default_server=known.default_server or address.default_server,
        implied=known.implied or address.implied,
        ssl=known.ssl or address.ssl,
        proxy_protocol=known.proxy_protocol or address.proxy_protocol,
        http2=known.http2 or address.http2,
    )


def _addresses(config: Config) -> Iterator[ListenAddress]:
    if config.http is not None:
        for server in config.http.blocks("server"):
            yield from server_addresses(server)
