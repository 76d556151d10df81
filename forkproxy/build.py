"""A checked configuration to a generation: servers, locations and upstreams, ready to serve.

Runs in the master, once for each load. Nothing here stays open but log files; nothing here waits
but the resolver, for upstreams that are named rather than numbered.
"""

from __future__ import annotations

import contextlib
import functools
import os
import socket
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from forkproxy import __version__
from forkproxy.acme.managed import Managed
from forkproxy.config.address import Family
from forkproxy.config.directives import proxy_preset
from forkproxy.config.directives.process import ErrorLog as GivenErrorLog
from forkproxy.config.directives.server import LocationPath, NameKind, PathKind, ServerName
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
from forkproxy.config.syslog import FACILITIES, Syslog
from forkproxy.core.expressions import Expression, Variable
from forkproxy.core.making import Attached, Making
from forkproxy.core.plan import Location, Server, Settings
from forkproxy.core.router import Locations, Names
from forkproxy.errors import ConfigError
from forkproxy.features import (
    COMPUTED,
    FEATURES,
    access,
    acme,
    auth_jwt,
    cache,
    charset,
    compress,
    keyval,
    limit_conn,
    limit_rate,
    limit_req,
    map,
    realip,
    referer,
    rewrite,
    script,
    secure_link,
    slice,
    static,
    status_zone,
    stub_status,
    tls,
    tls_variables,
    upstream,
    userid,
)
from forkproxy.net.dial import resolve_at_once
from forkproxy.net.tls_certificate import Certificate
from forkproxy.shared.errorlog import NAMES, ErrorLog, SyslogTarget, Target
from forkproxy.shared.logfile import LogError, LogFile, files
from forkproxy.shared.syslog import SyslogServer
from forkproxy.shared.tally import Tally
from forkproxy.upstream.member import cells_name
from forkproxy.upstream.upstream import Upstream
from forkproxy.wire.head import Framing, HeadLimits


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
    logs: list[LogFile] = []
    try:
        with uncollected():
            return _Builder(config, logs).generation(number)
    except BaseException:
        for log in logs:
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
    drawer = _Drawer(config, log)
    drawer.making.tell = tell
    assert config.http is not None
    names = drawer._http(config.http, listens(config))
    scopes = {location: scope for scope, location in drawer.making.locations.items()}
    return Blueprint(
        names, drawer.servers, scopes, drawer.making.slots, drawer.making.expression, drawer.only
    )


_Here = tuple[Scope, Server, bool]  # a server on one address; whether it says it is the default


class _Builder:
    """One build; its methods go from the outside in."""

    def __init__(self, config: Config, logs: list[LogFile]) -> None:
        self.config = config
        self.logs = logs
        self.prefix = config.main.prefix
        self.making = Making(
            log=self._log,
            syslog=self._syslog,
            default_access_log=self._below("logs/access.log"),
            default_root=self._below("html"),
            temp_path=self._temp_path,
            folder=self._folder,
        )
        self.settings = process_settings(config)
        self.servers: list[tuple[Scope, Server]] = []
        self.temp_paths: dict[str, str] = {}
        self.syslogs: dict[Syslog, SyslogServer] = {}
        self.error_logs: dict[tuple[GivenErrorLog, ...], ErrorLog] = {}

    def generation(self, number: int) -> Generation:
        settings = self.settings
        names: dict[str, Names] = {}
        addresses: tuple[ListenAddress, ...] = ()
        if self.config.http is not None:
            addresses = listens(self.config)
            names = self._http(self.config.http, addresses)
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
            self._error_log(self.config.main).targets,
            self._state_path(),
            self.config.main.blocks("events")[0].value("multi_accept"),
            tuple(self.making.tallies.values()),
            tuple(self.making.attached),
            self.making.keyvals,
            upstream.zones(self.config.http),
            self._certificates(),
            acme.load(self.making),
            self.logs,
        )

    def _certificates(self) -> tuple[Certificate, ...]:
        contexts = [server.tls for _, server in self.servers if server.tls is not None]
        contexts += self.making.tls_contexts.values()
        return tuple(dict.fromkeys(one for context in contexts for one in context.certificates))

    # Levels.

    def _http(self, http: Scope, addresses: tuple[ListenAddress, ...]) -> dict[str, Names]:
        static.define(self.making)
        stub_status.define(self.making)
        userid.define(self.making)
        compress.define(self.making)
        cache.define(http, self.making)
        charset.define(http, self.making)
        maps = [*(line.value for line in http.lines("map")), *proxy_preset.MAPS]
        tls_variables.define(self.making)
        for guard in (access, auth_jwt, secure_link, limit_req, limit_conn, limit_rate, slice):
            guard.define(http, self.making)
        map.declare(maps, self.making)
        keyval.declare(http, self.making)
        referer.declare(self.making)
        script.declare(self.making)
        for feature in COMPUTED:
            feature.declare(http, self.making)
        _declare_variables(http, self.making)
        map.define(maps, self.making)
        keyval.define(http, self.making)
        for feature in COMPUTED:
            feature.define(http, self.making)
        upstream.define(http, self.making)
        acme.define(http, self.making)
        secure = {address.text for address in addresses if address.ssl}
        here: dict[str, list[_Here]] = {address.text: [] for address in addresses}
        for block in http.blocks("server"):
            server = self._server(block)
            self.servers.append((block, server))
            used = {address.text for address in server_addresses(block)}
            tls.install(block, server, self.making, listening=not used.isdisjoint(secure))
            acme.install(server, self.making)
            for address in server_addresses(block):
                here[address.text].append((block, server, address.default_server))
        names = {text: self._names(servers) for text, servers in here.items()}
        for text in secure:
            tls.check_default(names[text].default, here[text])
        return names

    def _server(self, block: Scope) -> Server:
        names: list[ServerName] = [name for line in block.own("server_name") for name in line.value]
        made = Server(names[0].text.removeprefix(".").encode() if names else b"")
        made.at = str(block.at)
        buffers = block.value("large_client_header_buffers")
        made.limits = HeadLimits(
            line=buffers.size,
            total=block.value("client_header_buffer_size") + buffers.count * buffers.size,
            listed=buffers.count * buffers.size,
            fields=block.value("max_headers"),
            underscores=block.value("underscores_in_headers"),
            ignore_invalid=block.value("ignore_invalid_headers"),
            framing=Framing[block.value("request_framing").upper()],
        )
        made.client_header_timeout = block.value("client_header_timeout")
        made.merge_slashes = block.value("merge_slashes")
        made.http2 = block.value("http2")
        made.http2_streams = block.value("http2_max_concurrent_streams")
        made.http2_preread = block.value("http2_body_preread_size")
        made.default = self._location(block, Location("server", b""))
        steps = (realip.step(block, self.making), rewrite.script(block, self.making))
        made.rewrite = tuple(step for step in steps if step is not None)
        status_zone.enter(block, made, self.making)
        made.locations, made.named = self._locations(block)
        return made

    def _locations(self, level: Scope) -> tuple[Locations | None, dict[bytes, Location]]:
        """Make the location blocks of one level."""
        by_kind: dict[PathKind, list[Location]] = {kind: [] for kind in PathKind}
        for block in level.blocks("location"):
            subject: LocationPath = block.subject
            path = subject.path.encode("utf-8", "surrogateescape")
            made = Location(" ".join(block.words), path)
            made.at = str(block.at)
            made.stops_regex = subject.kind is PathKind.PREFIX_FINAL
            made.pattern = subject.pattern
            if subject.pattern is not None:
                made.captures = self.making.captures(subject.pattern)
            self._location(block, made)
            script = rewrite.script(block, self.making, functools.partial(self._if, made))
            made.rewrite = (script,) if script is not None else ()
            for inner in block.blocks("limit_except"):
                made.methods = frozenset(method.encode() for method in inner.subject)
                made.excepted = self._if(made, inner)
            made.inner, _ = self._locations(block)
            by_kind[subject.kind].append(made)
        named = {location.path: location for location in by_kind[PathKind.NAMED]}
        prefixes = by_kind[PathKind.PREFIX] + by_kind[PathKind.PREFIX_FINAL]
        if not (prefixes or by_kind[PathKind.EXACT] or by_kind[PathKind.REGEX]):
            return None, named
        return Locations(by_kind[PathKind.EXACT], prefixes, by_kind[PathKind.REGEX]), named

    def _if(self, outer: Location, block: Scope) -> Location:
        """Make the location that an `if` or limit_except block is, while its condition holds."""
        made = Location(f"{outer.name} {block.kind}", outer.path)
        made.at = str(block.at)
        made.pattern = outer.pattern
        made.captures = outer.captures
        made.internal = outer.internal
        return self._location(block, made)

    def _location(self, scope: Scope, made: Location) -> Location:
        """Fill a location with what holds in a scope."""
        self.making.locations[scope] = made
        made.settings = self._settings(scope)
        if scope.kind == "location":
            made.internal = scope.value("internal")
        for install in FEATURES:
            install(scope, made, self.making)
        return made

    def _names(self, here: list[_Here], default: Server | None = None) -> Names:
        """Make the table of the virtual servers that listen on one address."""
        if default is None:
            default = next((server for _, server, is_default in here if is_default), here[0][1])
        exact: dict[bytes, Server] = {}
        leading: dict[bytes, Server] = {}
        trailing: dict[bytes, Server] = {}
        patterns: list[tuple[Any, Server, Any]] = []
        for block, server, _ in here:
            for name in _server_names(block):
                bare = name.name.encode()
                if name.kind is NameKind.REGEX and name.pattern is not None:
                    captures = self.making.captures(name.pattern)
                    patterns.append((name.pattern, server, captures))
                elif name.kind is NameKind.EXACT:
                    exact.setdefault(bare, server)
                elif name.kind is NameKind.PREFIX:
                    trailing.setdefault(bare + b".", server)
                else:
                    leading.setdefault(b"." + bare, server)
                    if name.also_bare:
                        exact.setdefault(bare, server)
        return Names(default, exact, leading, trailing, patterns)

    def _settings(self, scope: Scope) -> Settings:
        made = Settings()
        for name in (
            "client_max_body_size",
            "client_body_buffer_size",
            "client_body_timeout",
            "client_body_min_rate",
            "send_timeout",
            "send_min_rate",
            "keepalive_requests",
            "keepalive_time",
            "lingering_time",
            "lingering_timeout",
            "reset_timedout_connection",
            "absolute_redirect",
            "server_name_in_redirect",
            "port_in_redirect",
            "etag",
            "log_not_found",
            "log_subrequest",
        ):
            setattr(made, name, scope.value(name))
        keepalive = scope.value("keepalive_timeout")
        made.keepalive_timeout = keepalive.timeout
        if keepalive.header is not None:
            made.keepalive_header = b"timeout=%d" % keepalive.header
        made.lingering_close = scope.value("lingering_close") != "off"
        made.client_body_temp_path = self._temp_path(
            scope.value("client_body_temp_path"), "client_body_temp"
        )
        made.client_body_in_file = ("off", "clean", "on").index(
            scope.value("client_body_in_file_only")
        )
        made.server_tokens = scope.value("server_tokens") != "off"
        version = f"/{__version__}" if made.server_tokens else ""
        made.server_header = f"forkproxy{version}".encode()
        made.explains_errors = scope.value("forkproxy_error_pages") == "modern"
        made.chunked = scope.value("chunked_transfer_encoding")
        made.http2_chunk = scope.value("http2_chunk_size")
        made.sendfile = True
        made.types = {
            extension.encode(): media.encode() for extension, media in scope.value("types").items()
        }
        made.default_type = scope.value("default_type").encode()
        made.error_log = self._error_log(scope)
        return made

    # Files.

    def _below(self, name: str) -> str:
        return os.path.join(self.prefix, name)  # noqa: PTH118 (kept as the user writes it)

    def _temp_path(self, given: tuple[str, ...], default: str) -> str:
        """Return a folder for temporary files, made where it is missing.

        nginx's levels are not used: our files have no names.
        """
        name = given[0] if given else default
        found = self.temp_paths.get(name)
        if found is None:
            found = self.temp_paths[name] = self._made_folder(name, needed=bool(given))
        return found

    def _made_folder(self, name: str, *, needed: bool) -> str:
        folder = Path(self._below(name))
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            if needed:
                reason = f"{error.errno}: {error.strerror}"
                raise ConfigError(f'mkdir() "{folder}" failed ({reason})') from error
            # The prefix is not ours to write in: the system's folder does as well.
            return tempfile.gettempdir()
        if self.settings.user is not None:
            os.chown(folder, self.settings.user.uid, -1)
        folder.chmod(0o700)
        return str(folder)

    def _folder(self, path: str) -> None:
        """Make a folder that belongs to whom the children run as."""
        folder = Path(path)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.settings.user is not None:
                os.chown(folder, self.settings.user.uid, -1)
            folder.chmod(0o700)
        except OSError as error:
            reason = f"{error.errno}: {error.strerror}"
            raise ConfigError(f'mkdir() "{folder}" failed ({reason})') from error

    def _state_path(self) -> str:
        """Return the folder of what outlives a restart, made and given to the keeper's user."""
        folder = Path(self._below("forkproxy.state"))
        with contextlib.suppress(OSError):  # the keeper says what it has to do without
            folder.mkdir(mode=0o700, exist_ok=True)
            if self.settings.user is not None:
                os.chown(folder, self.settings.user.uid, -1)
        return str(folder)

    def _log(self, path: str) -> LogFile:
        if os.path.dirname(path) == self._below("logs"):  # noqa: PTH120
            # Where logs go by default; a configuration alone in its folder shall start.
            with contextlib.suppress(OSError):
                Path(path).parent.mkdir()
        try:
            found = files.open(path)
        except LogError as error:
            raise ConfigError(str(error)) from error
        self.logs.append(found)
        return found

    def _syslog(self, given: Syslog) -> SyslogServer:
        found = self.syslogs.get(given)
        if found is None:
            host = socket.gethostname().lower() if given.hostname else ""
            facility = FACILITIES.index(given.facility)
            where = self._syslog_address(given)
            found = self.syslogs[given] = SyslogServer(where, facility, given.tag, host)
        return found

    def _syslog_address(self, given: Syslog) -> str | tuple[str, int]:
        address = given.server
        if address.family is Family.UNIX:
            return self._below(address.path)
        try:
            found = resolve_at_once(address.host, address.port)
        except OSError as error:
            message = f'host not found in syslog server "{address.host}"'
            raise ConfigError(message) from error
        host, _, port = found[0].text.decode().rpartition(":")
        return host.strip("[]"), int(port)

    def _error_log(self, scope: Scope) -> ErrorLog:
        given = tuple(line.value for line in scope.lines("error_log"))
        found = self.error_logs.get(given)
        if found is None:
            found = self.error_logs[given] = ErrorLog()
            targets = given or (GivenErrorLog(self._below("logs/error.log")),)
            found.send_to([self._target(target) for target in targets])
        return found

    def _target(self, given: GivenErrorLog) -> Target | SyslogTarget:
        if given.syslog is not None:
            return SyslogTarget(self._syslog(given.syslog), NAMES[given.level])
        file = self._log(given.path) if given.path else LogFile("", 2)
        return Target(file, NAMES[given.level])


class _Drawer(_Builder):
    """A builder that touches no file."""

    def __init__(self, config: Config, log: Any) -> None:
        super().__init__(config, [])
        self._heard = log

    def only(self, block: Scope, server: Server, other: Server) -> Names:
        return self._names([(block, server, False)], other)

    def _log(self, path: str) -> LogFile:
        return LogFile(path, -1)

    def _syslog_address(self, given: Syslog) -> str | tuple[str, int]:
        return given.server.text

    def _made_folder(self, name: str, *, needed: bool) -> str:
        return self._below(name)

    def _folder(self, path: str) -> None:
        pass

    def _error_log(self, scope: Scope) -> ErrorLog:
        log: ErrorLog = self._heard
        return log


def _require_addresses(upstreams: Iterable[Upstream]) -> None:
    for one in upstreams:
        for member in one.unresolved:
            raise ConfigError(f'host not found in upstream "{member.server.name}"')


_SETTERS = ("set", "auth_request_set")


def _declare_variables(level: Scope, making: Making) -> None:
    """Give every variable that `set` or a named group defines its slot, wherever it stands."""
    for directive in _SETTERS:
        for line in level.own(directive):
            if line.value.name != "args":
                making.slot(line.value.name)
    for pattern in _patterns(level):
        making.captures(pattern)
    for block in level.blocks():
        _declare_variables(block, making)


def _patterns(level: Scope) -> Iterable[Any]:
    subject = level.subject
    if getattr(subject, "pattern", None) is not None:
        yield subject.pattern
    for line in level.own("rewrite"):
        yield line.value.pattern
    for name in _server_names(level):
        if name.pattern is not None:
            yield name.pattern
    for line in level.own("map"):
        for entry in line.value.entries:
            if entry.pattern is not None:
                yield entry.pattern


def _server_names(level: Scope) -> Iterable[ServerName]:
    for line in level.own("server_name"):
        yield from line.value


__all__ = ["Blueprint", "Generation", "build", "draw"]
