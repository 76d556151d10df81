"""A checked configuration to a generation: servers, locations and upstreams, ready to serve.

Runs in the master, once for each load. Nothing here stays open but log files; nothing here waits
but the resolver, for upstreams that are named rather than numbered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from forkproxy.acme.managed import Managed
from forkproxy.assembly import variables
from forkproxy.assembly.levels import Levels
from forkproxy.assembly.names import Here, names
from forkproxy.assembly.outside import Outside, Paper
from forkproxy.config.directives.upstream import UpstreamZone
from forkproxy.config.load import Config, uncollected
from forkproxy.config.scope import Scope
from forkproxy.config.settings import (
    ListenAddress,
    ProcessSettings,
    listens,
    process_settings,
    server_addresses,
)
from forkproxy.core.expressions import Expression, Variable
from forkproxy.core.making import Attached, Making
from forkproxy.core.plan import Location, Server
from forkproxy.core.router import Names
from forkproxy.errors import ConfigError
from forkproxy.features import acme, tls, upstream
from forkproxy.net.tls_certificate import Certificate
from forkproxy.shared.errorlog import SyslogTarget, Target
from forkproxy.shared.logfile import LogFile, files
from forkproxy.shared.tally import Tally
from forkproxy.upstream.member import cells_name
from forkproxy.upstream.upstream import Upstream


@dataclass(slots=True)
class Generation:
    """All that one load of the configuration made.

    Attributes:
        number: counts the loads, from 1.
        names: for each listening address, as printed, its virtual servers.
        peers: "upstream/address" of every peer, for the scoreboard.
        notices: what the user should know although the configuration is good.
        targets: where the errors of the main context go, open.
        state_path: the folder of what outlives a restart.
        tallies: what is counted by name.
        keyvals: the keyval zones, by name.
        zones: what the upstream blocks say of themselves, by name.
        certificates: what is shown in handshakes, of all servers and towards upstreams.
        managed: the certificates that the keeper looks after.
        limits: the lines of limit_req, by zone.
        attached: what else wants the scoreboard of the worker it finds itself in.
    """

    number: int
    config: Config
    settings: ProcessSettings
    listens: tuple[ListenAddress, ...]
    workers: int
    names: dict[str, Names]
    upstreams: tuple[Upstream, ...]
    notices: tuple[str, ...]
    targets: tuple[Target | SyslogTarget, ...]
    state_path: str
    multi_accept: bool = False
    tallies: tuple[Tally, ...] = ()
    attached: tuple[Attached, ...] = ()
    keyvals: dict[str, Any] = field(default_factory=dict)
    zones: dict[str, UpstreamZone] = field(default_factory=dict)
    certificates: tuple[Certificate, ...] = ()
    managed: tuple[Managed, ...] = ()
    limits: dict[str, list[Any]] = field(default_factory=dict)
    logs: list[LogFile] = field(default_factory=list)

    @property
    def peers(self) -> tuple[str, ...]:
        """The names of all peers."""
        return tuple(
            cells_name(upstream.name, member)
            for upstream in self.upstreams
            for member in upstream.members.values()
            if not member.is_name
        )

    def texts(self) -> dict[str, str]:
        """Return what the files of the configuration said, by their paths."""
        return self.config.texts()

    def close(self) -> None:
        """Close the log files that no other generation uses."""
        for log in self.logs:
            files.close(log)
        self.logs.clear()


def build(config: Config, number: int = 1) -> Generation:
    """Make a generation of a configuration.

    Raises ConfigError where something outside the text is missing: a folder, a log that cannot
    be opened.
    """
    settings = process_settings(config)
    outside = Outside(config.main.prefix, settings.user)
    try:
        with uncollected():
            return _Builder(config, settings, outside).generation(number)
    except BaseException:
        for log in outside.logs:
            files.close(log)
        raise


@dataclass(slots=True)
class Blueprint:
    """A plan that is looked at and serves nobody: no log is opened, no folder made.

    Attributes:
        names: for each listening address, as printed, its virtual servers.
        servers: each server with its block.
        scopes: the block of each location.
        slots: the variables that the configuration defines itself.
        expression: compiles a text with variables.
        only: a table with one server in it, another where no name of its fits.
    """

    names: dict[str, Names]
    servers: list[tuple[Scope, Server]]
    scopes: dict[Location, Scope]
    slots: dict[str, Variable]
    expression: Callable[[Any], Expression]
    only: Callable[[Scope, Server, Server], Names]


def draw(config: Config, tell: Callable[..., None], log: Any) -> Blueprint:
    """Make a plan to look at; `tell` hears of each instruction, `log` of the errors."""
    settings = process_settings(config)
    drawer = _Builder(config, settings, Paper(config.main.prefix, settings.user, log))
    drawer.making.tell = tell
    assert config.http is not None
    names = drawer.http(config.http, listens(config))
    scopes = {location: scope for scope, location in drawer.making.locations.items()}
    return Blueprint(
        names, drawer.servers, scopes, drawer.making.slots, drawer.making.expression, drawer.only
    )


class _Builder:
    """One build."""

    def __init__(self, config: Config, settings: ProcessSettings, outside: Outside) -> None:
        self.config = config
        self.settings = settings
        self.outside = outside
        self.making = Making(
            log=outside.log,
            syslog=outside.syslog,
            default_access_log=outside.below("logs/access.log"),
            default_root=outside.below("html"),
            temp_path=outside.temp_path,
            folder=outside.folder,
        )
        self.servers: list[tuple[Scope, Server]] = []

    def generation(self, number: int) -> Generation:
        settings = self.settings
        names: dict[str, Names] = {}
        addresses: tuple[ListenAddress, ...] = ()
        if self.config.http is not None:
            addresses = listens(self.config)
            names = self.http(self.config.http, addresses)
        upstreams = tuple(dict.fromkeys(self.making.upstreams.values()))
        if self.config.main.value("forkproxy_unresolved") == "refuse":
            _require_addresses(upstreams)
        return Generation(
            number,
            self.config,
            settings,
            addresses,
            settings.workers,
            names,
            upstreams,
            tuple(self.making.notices),
            self.outside.error_log(self.config.main).targets,
            self.outside.state_path(),
            self.config.main.blocks("events")[0].value("multi_accept"),
            tuple(self.making.tallies.values()),
            tuple(self.making.attached),
            self.making.keyvals,
            upstream.zones(self.config.http),
            self._certificates(),
            acme.load(self.making),
            self.making.limits,
            self.outside.logs,
        )

    def _certificates(self) -> tuple[Certificate, ...]:
        contexts = [server.tls for _, server in self.servers if server.tls is not None]
        contexts += self.making.tls_contexts.values()
        return tuple(dict.fromkeys(one for context in contexts for one in context.certificates))

    def http(self, http: Scope, addresses: tuple[ListenAddress, ...]) -> dict[str, Names]:
        """Make all servers; return those of each address."""
        variables.define(http, self.making)
        levels = Levels(self.making, self.outside)
        secure = {address.text for address in addresses if address.ssl}
        here: dict[str, list[Here]] = {address.text: [] for address in addresses}
        for block in http.blocks("server"):
            server = levels.server(block)
            self.servers.append((block, server))
            used = {address.text for address in server_addresses(block)}
            tls.install(block, server, self.making, listening=not used.isdisjoint(secure))
            acme.install(server, self.making)
            for address in server_addresses(block):
                here[address.text].append((block, server, address.default_server))
        found = {text: names(servers, self.making) for text, servers in here.items()}
        for text in secure:
            tls.check_default(found[text].default, here[text])
        return found

    def only(self, block: Scope, server: Server, other: Server) -> Names:
        """Return a table with one server in it, another where no name of its fits."""
        return names([(block, server, False)], self.making, other)


def _require_addresses(upstreams: Iterable[Upstream]) -> None:
    for one in upstreams:
        for member in one.unresolved:
            raise ConfigError(f'host not found in upstream "{member.server.name}"')


__all__ = ["Blueprint", "Generation", "build", "draw"]
