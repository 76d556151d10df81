"""What the parts of a generation share while it is built, and nothing afterwards."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from forkproxy.config.scope import Scope
from forkproxy.config.syslog import Syslog
from forkproxy.config.template import Template
from forkproxy.core.expressions import Expression, Slot, Variable, compile_template
from forkproxy.core.known import slot
from forkproxy.core.plan import Location
from forkproxy.core.variables import find
from forkproxy.shared.cells import Cells
from forkproxy.shared.logfile import LogFile
from forkproxy.shared.syslog import SyslogServer
from forkproxy.shared.tally import Tally


class Attached(Protocol):
    """What counts, or shows, numbers of the scoreboard."""

    def attach(self, cells: Cells) -> None: ...


@dataclass(slots=True)
class Making:
    """The state of one build.

    Attributes:
        slots: the variables that the configuration defines itself, by name.
        log: opens a log file for the life of the generation.
        syslog: makes the sender of lines to a syslog server.
        temp_path: from a directive's words and a default name to a folder for temporary files.
        locations: what was made of each scope.
        notices: what the user should know although the build goes on.
        tell: hears of each instruction of the rewrite module, in a plan that `explain` makes.
        upstreams: made so far, by name; features.upstream's.
        resolvers: made so far, by their settings; features.resolver's.
        folder: makes a folder that the children may write in, and no one else.
        caches: the zones of cache.zone, by name.
        tls_contexts: made so far for upstreams, by what they are made of; features.proxy_tls's.
        tls_rules: likewise for clients, by what servers say; features.tls's.
        tls_said: what a scope says about TLS.
        pems: authorities and lists that were read, by the names of their files.
        certificates: read so far, by the names of their files; features.tls_certificates'.
        tallies: what is counted by name, by kind and name.
        named_logs: the files of each open_log_file_cache; features.access_log's.
        charsets: the tables of charset_map; features.charset's.
        limits: what each line of limit_req became, by zone.
        keyvals: the keyval zones, by name; features.keyval's.
        open_files: those of open_file_cache, by directive; features.open_files'.
        managed: the certificates that are looked after, by the servers that show them.
        expressions: compiled so far, by their text: ten thousand servers say the same.
        attached: what wants the scoreboard of the worker it finds itself in: attach(cells).
    """

    log: Callable[[str], LogFile]
    syslog: Callable[[Syslog], SyslogServer]
    default_access_log: str
    default_root: str
    temp_path: Callable[[tuple[str, ...], str], str]
    slots: dict[str, Variable] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    upstreams: dict[str, Any] = field(default_factory=dict)
    resolvers: dict[Any, Any] = field(default_factory=dict)
    locations: dict[Scope, Location] = field(default_factory=dict)
    folder: Callable[[str], None] = os.makedirs
    caches: dict[str, Any] = field(default_factory=dict)
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    limits: dict[str, list[Any]] = field(default_factory=dict)
    tell: Callable[..., None] | None = None
    named_logs: dict[int, Any] = field(default_factory=dict)
    charsets: Any = None
    keyvals: dict[str, Any] = field(default_factory=dict)
    open_files: dict[Any, Any] = field(default_factory=dict)
    attached: list[Attached] = field(default_factory=list)
    tls_contexts: dict[Any, Any] = field(default_factory=dict)
    tls_rules: dict[Any, Any] = field(default_factory=dict)
    tls_said: dict[Scope, Any] = field(default_factory=dict)
    pems: dict[str, bytes] = field(default_factory=dict)
    certificates: dict[Any, Any] = field(default_factory=dict)
    managed: dict[Scope, Any] = field(default_factory=dict)
    expressions: dict[Template, Expression] = field(default_factory=dict)
    defined: int = 0

    def expression(self, template: Template) -> Expression:
        """Compile text with variables; the same for the same text."""
        found = self.expressions.get(template)
        if found is None:
            found = self.expressions[template] = compile_template(template, self.slots)
        return found

    def slot(self, name: str) -> Slot:
        """Return the variable that `set` or a named capture stores into, made where it is new."""
        found = self.slots.get(name)
        if not isinstance(found, Slot):
            found = self.slots[name] = slot(name, self.next_index())
        return found

    def variable(self, name: str) -> Variable:
        """Return a variable by its name: ours, or one that every request has."""
        found = self.slots.get(name) or find(name)
        if found is None:
            raise KeyError(name)
        return found

    def captures(self, pattern: re.Pattern[bytes]) -> tuple[tuple[str, Slot], ...]:
        """Return the variables that a pattern's named groups are stored in, with their names."""
        return tuple((name, self.slot(name.lower())) for name in pattern.groupindex)

    def tally(self, kind: str, name: str) -> Tally:
        """Return the counters of a named thing; the same for the same kind and name."""
        found = self.tallies.get((kind, name))
        if found is None:
            found = self.tallies[kind, name] = Tally(kind, name)
        return found

    def next_index(self) -> int:
        """Return the place on the exchange of one more variable."""
        self.defined += 1
        return self.defined - 1


Install = Callable[[Scope, Location, Making], None]
"""How a feature comes into a location: it looks for its directives in the scope, and hangs
its steps, filters or handler on the location's phases."""
