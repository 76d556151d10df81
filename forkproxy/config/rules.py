"""What is wrong between directives: found when all of them are known.

nginx finds these at the end of the http block; the order numbers put them there.
"""

from __future__ import annotations

from collections.abc import Iterator

from forkproxy.config.check import Checker
from forkproxy.config.directives.charset import misfit
from forkproxy.config.directives.gateways import SUFFIXES
from forkproxy.config.directives.listen import default_listen
from forkproxy.config.directives.server import PathKind, ServerName
from forkproxy.config.issuer_rules import check_issuers
from forkproxy.config.places import node_of, say_at_end, say_of_block, scopes_within
from forkproxy.config.problems import Problem, Severity
from forkproxy.config.scope import Directive, Scope
from forkproxy.config.template import constant
from forkproxy.config.upstream_rules import check_upstreams
from forkproxy.config.values import Buffers
from forkproxy.config.variables import objection
from forkproxy.config.zone_rules import check_zones


def check_rules(checker: Checker) -> None:
    """Check all that takes more than one directive to see."""
    for http in checker.main.blocks("http"):
        _listens(checker, http)
        check_upstreams(checker, http)
        _head_buffers(checker, http)
        for scope in scopes_within(http):
            _duplicate_locations(checker, scope)
            _buffers(checker, http, scope)
            _charsets(checker, http, scope)
            _referers(checker, scope)
        _charset_maps(checker, http)
        for server in http.blocks("server"):
            _named_locations(checker, server)
        _server_names(checker, http)
        check_zones(checker, http)
        check_issuers(checker, http)
        _variables(checker, http)


def _listens(checker: Checker, http: Scope) -> None:
    """Hold each server's addresses against those of the servers before it."""
    options: set[str] = set()
    defaults: set[str] = set()
    for server in http.blocks("server"):
        for line in server.own("listen"):
            for address in line.value:
                if address.explicit and address.text in options:
                    message = f"duplicate listen options for {address.text}"
                    hint = "the options of an address are given by one server only"
                    checker.complain(node_of(line), message, word=1, hint=hint)
                elif address.default_server and address.text in defaults:
                    message = f"a duplicate default server for {address.text}"
                    checker.complain(node_of(line), message, word=1)
                if address.explicit:
                    options.add(address.text)
                if address.default_server:
                    defaults.add(address.text)


def _duplicate_locations(checker: Checker, scope: Scope) -> None:
    seen: dict[tuple[bool, str], Scope] = {}
    http = scope.enclosing("http")
    assert http is not None
    for location in scope.blocks("location"):
        path = location.subject
        if path.kind in (PathKind.REGEX, PathKind.NAMED) or not path.path:
            continue
        first = seen.setdefault((path.kind is PathKind.EXACT, path.path), location)
        if first is not location:
            message = f'duplicate location "{path.path}"'
            hint = f"the first is in line {first.at.line}"
            say_of_block(
                checker, location, message, node_of(http).closed, node_of(location).line, hint=hint
            )


def _head_buffers(checker: Checker, http: Scope) -> None:
    for scope in (http, *http.blocks("server")):
        for line in scope.own("large_client_header_buffers"):
            if line.value.size < scope.value("connection_pool_size"):
                message = (
                    'the "large_client_header_buffers" size must be equal to or greater than '
                    '"connection_pool_size"'
                )
                say_at_end(checker, http, line, message)


_BUFFERS = (
    "buffer_size",
    "buffers",
    "busy_buffers_size",
    "max_temp_file_size",
    "temp_file_write_size",
)


_BUFFERS_OF = {
    family: tuple(f"{family}_{name}" for name in _BUFFERS) for family in ("proxy", *SUFFIXES)
}
_ALL_BUFFERS = frozenset(name for names in _BUFFERS_OF.values() for name in names)
_CHARSETS = frozenset(("charset", "source_charset"))


def _buffers(checker: Checker, http: Scope, scope: Scope) -> None:
    """Hold the sizes of buffers against each other, for each protocol towards upstreams."""
    if not scope.owns_any(_ALL_BUFFERS):
        return
    for family, names in _BUFFERS_OF.items():
        given = [line for name in names for line in scope.own(name)]
        if not given:
            continue
        message = _wrong_buffers(family, *(scope.value(name) for name in names))
        if message:
            hint = f"a larger {family}_buffer_size wants larger {family}_buffers too"
            say_at_end(checker, http, given[-1], message, hint=hint)


def _wrong_buffers(
    family: str, first: int, buffers: Buffers, busy: int, file_size: int, written: int
) -> str:
    """Return what nginx has against these sizes."""
    largest = max(first, buffers.size)
    one_of = f'the maximum of the value of "{family}_buffer_size" and one of the "{family}_buffers"'
    if buffers.count < 2:
        return f'there must be at least 2 "{family}_buffers"'
    if busy < largest:
        return f'"{family}_busy_buffers_size" must be equal to or greater than {one_of}'
    if busy > (buffers.count - 1) * buffers.size:
        return (
            f'"{family}_busy_buffers_size" must be less than '
            f'the size of all "{family}_buffers" minus one buffer'
        )
    if written < largest:
        return f'"{family}_temp_file_write_size" must be equal to or greater than {one_of}'
    if 0 < file_size < largest:
        return (
            f'"{family}_max_temp_file_size" must be equal to zero to disable temporary files '
            f"usage or must be equal to or greater than {one_of}"
        )
    return ""


def _referers(checker: Checker, scope: Scope) -> None:
    """Check that there are good pages beside the requests that name none."""
    lines = scope.own("valid_referers")
    given = [one for line in lines for one in line.value]
    if any(one.name or one.word == "server_names" for one in given):
        return
    if any(one.word for one in given):
        message = (
            'the "none" or "blocked" referers are specified in the "valid_referers" directive '
            "without any valid referer"
        )
        checker.complain(node_of(lines[0]), message)


def _charset_maps(checker: Checker, http: Scope) -> None:
    for line in http.own("charset_map"):
        wrong = None if line.value is None else misfit(line.value)
        if wrong is not None:
            hint = f"it is no letter of {line.value.target}"
            message = f'invalid value "{wrong.hex().upper()}"'
            checker.complain(node_of(line), message, word=2, hint=hint)


def _charsets(checker: Checker, http: Scope, scope: Scope) -> None:
    """Check that there is a table between the sets that content is in, and is to be in."""
    if not scope.owns_any(_CHARSETS):
        return
    given = [line for name in sorted(_CHARSETS) for line in scope.own(name)]
    names = [scope.value("source_charset"), scope.value("charset")]
    source, target = (None if name is None else constant(name) for name in names)
    if not source or not target or source.lower() == target.lower():
        return
    wanted = {source.lower(), target.lower()}
    maps = [line.value for line in http.own("charset_map") if line.value is not None]
    if all({one.source, one.target} != wanted for one in maps):
        message = f'no "charset_map" between the charsets "{source}" and "{target}"'
        say_at_end(checker, http, given[-1], message, hint=f"charset_map {source} {target} {{ … }}")


def _named_locations(checker: Checker, server: Scope) -> None:
    known = {
        location.subject.path
        for location in server.blocks("location")
        if location.subject.kind is PathKind.NAMED
    }
    for scope in scopes_within(server):
        for line, name in _named_targets(scope):
            if name not in known:
                message = f'could not find named location "{name}"'
                last = len(line.words)
                checker.complain(node_of(line), message, word=last, severity=Severity.WARN)


def _named_targets(scope: Scope) -> Iterator[tuple[Directive, str]]:
    for name in ("error_page", "try_files"):
        for line in scope.own(name):
            target = constant(line.value.uri if name == "error_page" else line.value.fallback)
            if target and target.startswith("@"):
                yield line, target


def _server_names(checker: Checker, http: Scope) -> None:
    """Warn of names that two servers claim on one address: the second never gets them."""
    claimed: dict[tuple[str, str], Scope] = {}
    for server in http.blocks("server"):
        lines = server.own("listen")
        addresses = {one.text for line in lines for one in line.value}
        addresses = addresses or {default_listen(80).text}
        for line in server.own("server_name"):
            names: tuple[ServerName, ...] = line.value
            for word, name in enumerate(names, 1):
                for address in sorted(addresses):
                    if claimed.setdefault((address, name.text), server) is server:
                        continue
                    token = node_of(line).words[word]
                    message = f'conflicting server name "{name.text}" on {address}, ignored'
                    problem = node_of(line).file.problem(Severity.WARN, message, token)
                    checker.findings.add(node_of(http).closed, problem)


def _variables(checker: Checker, http: Scope) -> None:
    said: set[str] = set()
    for use in checker.used:
        wrong = objection(use.name, checker.defined)
        if wrong is None or use.name in said:
            continue
        said.add(use.name)
        message, hint = wrong
        token = use.node.words[use.word]
        # nginx names no place here; the report does.
        problem = use.node.file.problem(Severity.EMERG, message, token, hint=hint)
        checker.findings.add(node_of(http).closed, problem)


def missing_events() -> Problem:
    """Return nginx's complaint about a configuration without an events block."""
    message = 'no "events" section in configuration'
    return Problem(Severity.EMERG, message, hint="add: events { }")
