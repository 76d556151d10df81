"""Which words mean what: HAProxy's commands as far as they make sense here, and our own."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass

from forkproxy.master import commands
from forkproxy.master.commands import Level
from forkproxy.master.lines import (
    activity,
    certificates,
    checks,
    clearing,
    info,
    maps,
    own,
    servers,
    sessions,
    stat,
)
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Refused, Reply

MOST_NEAR = 10  # commands offered for one that is unknown
NEAR = 0.4


@dataclass(frozen=True, slots=True)
class Verb:
    """One command: the words it begins with, and the least level that may use it."""

    words: str
    arguments: str
    help: str
    function: Callable[[Line], Reply | None]
    level: Level = Level.USER

    @property
    def usage(self) -> str:
        """The words with the names of the arguments."""
        return f"{self.words} {self.arguments}".strip()


def _help(line: Line) -> Reply:
    wanted = " ".join(line.words[1:])
    found = [verb for verb in VERBS if verb.words.startswith(wanted) and verb.level <= line.level]
    return Reply("The following commands are valid at this level:\n" + _listed(found))


def _own(command: commands.Command) -> Verb:
    """Return a command of ours as a line."""

    def function(line: Line) -> Reply | None:
        return commands.run(line.master, line.words, line.client)

    level = Level.ADMIN if command.changes else Level.USER
    return Verb(command.name, " ".join(command.arguments), command.help, function, level)


VERBS = (
    Verb("show info", "[json|typed]", "numbers of the whole", info.show_info),
    Verb("show stat", "[json|typed]", "counters of each server, peer and upstream", stat.show_stat),
    Verb("show version", "", "the version", info.show_version),
    Verb(
        "show errors", "", "the last invalid requests: they are in the error log", info.show_errors
    ),
    Verb("show activity", "", "what the loops of the workers do", activity.show_activity),
    Verb("show profiling", "", "what holds them up", activity.show_profiling),
    Verb(
        "set profiling",
        "tasks {on|off}",
        "find out what holds the loops up",
        activity.set_profiling,
        Level.ADMIN,
    ),
    Verb("show env", "[<var>]", "nothing: the environment is not shown", info.show_nothing),
    Verb(
        "clear counters",
        "[all]",
        "begin anew with maxima, or all",
        clearing.clear_counters,
        Level.OPERATOR,
    ),
    Verb("show backend", "", "list the upstreams", servers.show_backend),
    Verb("show servers state", "[<bk>]", "how servers do", servers.show_servers_state),
    Verb("show servers conn", "[<bk>]", "connections of servers", servers.show_servers_conn),
    Verb("get weight", "<bk>/<srv>", "a server's weight", servers.get_weight),
    Verb("set weight", "<bk>/<srv> <n|n%>", "give it another", servers.set_weight, Level.ADMIN),
    Verb(
        "set server",
        "<bk>/<srv> addr|health|state|weight ...",
        "change a server",
        servers.set_server,
        Level.ADMIN,
    ),
    Verb("enable server", "<bk>/<srv>", "end its maintenance", servers.enable_server, Level.ADMIN),
    Verb("disable server", "<bk>/<srv>", "take it out", servers.disable_server, Level.ADMIN),
    Verb("enable health", "<bk>/<srv>", "check it again", checks.enable_health, Level.ADMIN),
    Verb("disable health", "<bk>/<srv>", "check it no more", checks.disable_health, Level.ADMIN),
    Verb("enable agent", "<bk>/<srv>", "refused: there are none", checks.enable_agent, Level.ADMIN),
    Verb("disable agent", "<bk>/<srv>", "nothing: none is made", checks.disable_agent, Level.ADMIN),
    Verb(
        "add server",
        "<bk>/<srv> <addr>[:<port>] [<option>]*",
        "add one, in maintenance",
        servers.add_server,
        Level.ADMIN,
    ),
    Verb("del server", "<bk>/<srv>", "remove one in maintenance", servers.del_server, Level.ADMIN),
    Verb("show sess", "", "requests under way", sessions.show_sess, Level.OPERATOR),
    Verb(
        "shutdown session",
        "<id>",
        "close a client's connection",
        sessions.shutdown_session,
        Level.ADMIN,
    ),
    Verb(
        "shutdown sessions server",
        "<bk>/<srv>",
        "end what it serves",
        servers.shutdown_sessions,
        Level.ADMIN,
    ),
    Verb("show ssl cert", "[[*]<file>]", "certificates, or what one says", certificates.show_cert),
    Verb(
        "set ssl cert",
        "<file> <payload>",
        "put a new certificate down",
        certificates.set_cert,
        Level.ADMIN,
    ),
    Verb("commit ssl cert", "<file>", "let it take effect", certificates.commit_cert, Level.ADMIN),
    Verb("abort ssl cert", "<file>", "give it up", certificates.abort_cert, Level.ADMIN),
    Verb("show map", "[<map>]", "list the maps, or what is in one", maps.show_map),
    Verb("get map", "<map> <key>", "what a request would find", maps.get_map),
    Verb("add map", "<map> <key> <val>", "add an entry, or a payload", maps.add_map, Level.ADMIN),
    Verb("set map", "<map> <key> <val>", "change an entry", maps.set_map, Level.ADMIN),
    Verb("del map", "<map> <key>", "delete an entry", maps.del_map, Level.ADMIN),
    Verb("clear map", "<map>", "delete all entries", maps.clear_map, Level.ADMIN),
    Verb("show acl", "[<acl>]", "list the ACLs, or what is in one", maps.show_map),
    Verb("get acl", "<acl> <key>", "whether a request would match", maps.get_map),
    Verb("add acl", "<acl> <key>", "add an entry, or a payload", maps.add_map, Level.ADMIN),
    Verb("del acl", "<acl> <key>", "delete an entry", maps.del_map, Level.ADMIN),
    Verb("clear acl", "<acl>", "delete all entries", maps.clear_map, Level.ADMIN),
    Verb("show workers", "", "one line for each worker", own.show_workers),
    Verb("set workers", "<n>", "so many, until the next reload", own.set_workers, Level.ADMIN),
    Verb("show cache", "[<zone>]", "sizes and counters of caches", own.show_cache),
    Verb("show limits", "", "what zones of limits let through", own.show_limits),
    Verb("purge", "tag|prefix|key|host|all [<text>] [<zone>]", "purge", own.purge, Level.ADMIN),
    # `quit` is HAProxy's word for the end of the connection.
    *(_own(command) for command in commands.COMMANDS if command.name != "quit"),
    Verb("help", "[<command>]", "list matching or all commands", _help),
    Verb("prompt", "", "toggle interactive mode with prompt", lambda _line: Reply()),
    Verb("set timeout cli", "<delay>", "how long this connection may idle", lambda _line: Reply()),
    Verb("quit", "", "disconnect", lambda _line: Reply()),
)


def answer(line: Line) -> Reply | None:
    """Return the answer to a command; None where it comes later."""
    if not line.words:
        return Reply()
    verb = find(line.words)
    if verb is None:
        return _unknown(line)
    if verb.level > line.level:
        return Reply("Permission denied", status=403)
    try:
        return verb.function(line)
    except Refused as refused:
        return Reply(refused.text, status=refused.status)


def find(words: list[str]) -> Verb | None:
    """Return the command whose words a line begins with."""
    said = " ".join(words) + " "
    fitting = [verb for verb in VERBS if said.startswith(f"{verb.words} ")]
    return max(fitting, key=lambda verb: len(verb.words), default=None)


def _unknown(line: Line) -> Reply:
    said = " ".join(line.words[:3])
    here = [verb for verb in VERBS if verb.level <= line.level]

    def likeness(verb: Verb) -> float:
        return difflib.SequenceMatcher(None, said, verb.words).ratio()

    near = sorted((verb for verb in here if likeness(verb) >= NEAR), key=likeness, reverse=True)
    found = near[:MOST_NEAR] + [verb for verb in here if verb.words in ("help", "prompt", "quit")]
    text = "Unknown command, but maybe one of the following ones is a better match:\n"
    return Reply(text + _listed(found), status=404)


def _listed(verbs: list[Verb]) -> str:
    return "\n".join(f"  {verb.usage:<40}: {verb.help}" for verb in dict.fromkeys(verbs))
