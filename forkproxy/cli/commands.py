"""The table of commands, from which the parser, its help and the shells' completions are made.

Nothing here costs time to import: `forkproxy version` is often the whole of a program's life.
"""

from __future__ import annotations

from typing import NamedTuple

SHELLS = ("bash", "zsh", "fish")


class Option(NamedTuple):
    """One option of a command."""

    flags: tuple[str, ...]  # the long one last; its name is the attribute's
    help: str
    metavar: str = ""  # "" for a flag
    choices: tuple[str, ...] = ()
    completes: str = ""  # "file" or "folder": what a shell offers as its value
    repeats: bool = False  # each use adds one to a list
    required: bool = False

    @property
    def attribute(self) -> str:
        """The name under which the value is found after parsing."""
        return self.flags[-1].lstrip("-").replace("-", "_")


class Argument(NamedTuple):
    """What a command is told without a flag."""

    name: str
    help: str
    choices: tuple[str, ...] = ()
    optional: bool = False
    repeats: bool = False  # none, one or more


class Command(NamedTuple):
    """One command; `forkproxy.cli.<module>` has its `run(options) -> exit status`."""

    name: str
    module: str
    summary: str
    options: tuple[Option, ...] = ()
    arguments: tuple[Argument, ...] = ()
    about: str = ""
    examples: tuple[str, ...] = ()
    reads: bool = False  # a configuration, says what is in it, and ends


CONF = Option(
    ("-c", "--conf"),
    "the configuration; without it, the first that exists is taken",
    "FILE",
    completes="file",
)
PREFIX = Option(
    ("-p", "--prefix"),
    "the folder that relative paths in the configuration start from",
    "FOLDER",
    completes="folder",
)
DIRECTIVES = Option(
    ("-g", "--directives"), "directives of the main context, beside those of the file", "TEXT"
)
WORKERS = Option(
    ("--workers",), "worker processes, whatever the configuration says; auto: one a core", "N|auto"
)
PID = Option(
    ("--pid",), "the pid file, where no configuration is to be read", "FILE", completes="file"
)
SOCKET = Option(
    ("--socket",),
    "the control socket, where no configuration is to be read",
    "PATH",
    completes="file",
)

WHERE = (CONF, PREFIX, DIRECTIVES)
JSON = Option(("--json",), "print JSON, for programs")
FORCE = Option(("--force",), "also where no other server of the upstream takes requests")
PEERS = (*WHERE, SOCKET, JSON)
THE_SERVER = (
    Argument("upstream", "its name"),
    Argument("server", "the address, the name or the #id that `servers` shows"),
)
SEARCH = """\
Without -c the configuration is ./forkproxy.conf, ./nginx.conf or
/etc/forkproxy/forkproxy.conf, the first of these that exists."""

COMMANDS = (
    Command(
        "start",
        "start",
        "read the configuration and serve",
        (
            *WHERE,
            WORKERS,
            Option(("--daemon",), "detach from the terminal once the workers serve"),
        ),
        about=SEARCH + "\nIf none does, a page on port 8080 says what to do next.",
        examples=(
            "forkproxy start -c nginx.conf",
            "forkproxy start --workers 4 --daemon",
            'forkproxy start -c nginx.conf -g "error_log stderr info;"',
        ),
    ),
    Command(
        "check",
        "check",
        "read the configuration and say all that is wrong with it",
        (
            *WHERE,
            Option(("-v", "--verbose"), "also list what is accepted without effect"),
            Option(("--first",), "say the first error alone, as nginx does"),
            Option(("--format",), "text for people, json for programs", "FORMAT", ("text", "json")),
        ),
        about=SEARCH + "\nThe exit status is 0 if it can be used, else 1.",
        examples=("forkproxy check", "forkproxy check -c site.conf --format json"),
        reads=True,
    ),
    Command(
        "explain",
        "explain",
        "say what would happen to a request, and which lines say so",
        (
            *WHERE,
            SOCKET,
            Option(
                ("-H", "--header"), "a field of the request: 'Name: value'", "FIELD", repeats=True
            ),
            Option(("--from",), "the client's address (default 127.0.0.1)", "IP"),
            Option(("--listen",), "the listener it comes to, as `listen` names it", "ADDRESS"),
            Option(("--json",), "for programs"),
        ),
        (
            Argument("method", "GET, POST, …"),
            Argument("url", "http[s]://host[:port]/path, or only a path"),
        ),
        about=(
            "Nothing is sent: the request goes through the plan that would serve it, and what\n"
            "would ask another server is named and not asked. With --socket the configuration is\n"
            "that of the master behind it. " + SEARCH
        ),
        examples=(
            "forkproxy explain GET http://example.com/images/a.png",
            "forkproxy explain POST https://example.com/api -H 'Origin: null' --from 10.0.0.7",
        ),
        reads=True,
    ),
    Command(
        "config",
        "config",
        "print the configuration as it was read, as JSON or as text",
        (
            *WHERE,
            Option(("--json",), "crossplane's payload, with columns (the default)"),
            Option(("--text",), "nginx.conf, laid out anew"),
            Option(("--resolved",), "with what holds in each block without being said there"),
            Option(
                ("--payload",),
                "read no configuration but such a payload; - is standard input",
                "FILE",
                completes="file",
            ),
            Option(("--schema",), "print the JSON Schema of the payload"),
        ),
        about=SEARCH,
        examples=(
            "forkproxy config -c nginx.conf | jq .config[0].parsed",
            "forkproxy config --payload edited.json --text > nginx.conf",
        ),
        reads=True,
    ),
    Command(
        "help",
        "help",
        "say what a directive does, and where it stands",
        (Option(("--manual",), "print the page of all directives, in Markdown"),),
        (Argument("directive", "its name; without one, all are listed", optional=True),),
        examples=("forkproxy help proxy_pass", "forkproxy help --manual > docs/directives.md"),
    ),
    Command(
        "reload",
        "ctl",
        "read the configuration again; no request is lost",
        (*WHERE, PID, SOCKET),
        about=(
            "Returns when new workers serve, or with the error: then nothing has changed\n"
            "and the old ones serve on."
        ),
    ),
    Command(
        "history",
        "history",
        "show what the running master has loaded, and what came of it",
        (*WHERE, SOCKET, Option(("--json",), "for programs")),
    ),
    Command(
        "rollback",
        "history",
        "serve what was served before, as it was read then; no request is lost",
        (*WHERE, SOCKET),
        (
            Argument(
                "generation", "its number; without one, the last that was different", optional=True
            ),
        ),
        about=(
            "It holds until the next reload: that reads the files again. What they name beside\n"
            "configurations (keys, pages, lists) is not kept, and taken as it is now."
        ),
        examples=("forkproxy rollback", "forkproxy rollback 3"),
    ),
    Command(
        "quit",
        "ctl",
        "end gracefully: answer what has begun, then go",
        (*WHERE, PID),
    ),
    Command("stop", "ctl", "end at once: connections are closed", (*WHERE, PID)),
    Command("reopen", "ctl", "open the log files again, after they were moved", (*WHERE, PID)),
    Command(
        "upgrade",
        "ctl",
        "replace the running program by the one now installed; no request is lost",
        (*WHERE, PID),
    ),
    Command(
        "status",
        "ctl",
        "show the workers and their numbers",
        (
            *WHERE,
            SOCKET,
            Option(("--format",), "text for people, json for programs", "FORMAT", ("text", "json")),
        ),
    ),
    Command(
        "cache",
        "cache",
        "look into the caches, purge, and pin",
        (
            *WHERE,
            SOCKET,
            Option(("--zone",), "only this cache", "NAME"),
            Option(("--tag",), "what has this tag", "TAG"),
            Option(("--host",), "purge, pin: keys that begin with this host", "NAME"),
            Option(("--all",), "purge, pin: everything"),
            Option(("--pinned",), "ls: only what is pinned"),
            Option(("--soft",), "purge: make it stale instead"),
            Option(("--dry-run",), "purge: only count"),
            Option(("--json",), "for programs"),
        ),
        (
            Argument("action", "what to do", ("stat", "ls", "why", "purge", "pin", "unpin")),
            Argument(
                "what",
                "ls: how keys begin; why: a URL; purge, pin: a key, or PREFIX*",
                optional=True,
            ),
        ),
        about=(
            "What is pinned is not evicted until it is unpinned; a purge takes it along. At most\n"
            "three quarters of a cache can be. A host is found where keys begin with one, perhaps\n"
            "behind a scheme and a method; by default that is the host of proxy_pass."
        ),
        examples=(
            "forkproxy cache why http://example.com/a.css",
            "forkproxy cache purge --tag product-17 --soft",
            "forkproxy cache purge 'httpbackend/images/*' --dry-run",
            "forkproxy cache purge --host example.com",
            "forkproxy cache pin --tag front-page",
            "forkproxy cache ls --pinned",
        ),
    ),
    Command(
        "servers",
        "servers",
        "list the servers of upstreams, and how they do",
        PEERS,
        (Argument("upstream", "only those of one upstream", optional=True),),
        examples=("forkproxy servers", "forkproxy servers application --json"),
    ),
    Command(
        "drain",
        "servers",
        "give a server no new clients, in all workers",
        (
            *PEERS,
            FORCE,
            Option(("--wait",), "return when it is empty, after this time at the latest", "TIME"),
            Option(("--kill-after",), "end what it still serves after this time", "TIME"),
        ),
        THE_SERVER,
        about=(
            "Sessions bound to it stay, and what it has begun ends by itself. With --wait the\n"
            "exit status is 0 once nothing is left, and 1 with the number of what is."
        ),
        examples=(
            "forkproxy drain application 10.0.0.1:3000",
            "forkproxy drain application 10.0.0.1:3000 --wait 5m --kill-after 4m",
        ),
    ),
    Command("ready", "servers", "give a server clients again", PEERS, THE_SERVER),
    Command(
        "down",
        "servers",
        "give a server no requests at all",
        (*PEERS, FORCE),
        THE_SERVER,
    ),
    Command(
        "weight",
        "servers",
        "give a server another share; 0 drains it",
        PEERS,
        (*THE_SERVER, Argument("weight", "a number; that of its line is 1 unless it says more")),
        examples=("forkproxy weight application 10.0.0.1:3000 5",),
    ),
    Command(
        "add",
        "servers",
        "add a server to an upstream",
        PEERS,
        (
            Argument("upstream", "its name"),
            Argument("server", "the address: HOST:PORT or unix:PATH"),
            Argument("option", "as a server line has them: weight=2 backup down", repeats=True),
        ),
        about="It stays over reload and restart, until the configuration names the same address.",
        examples=("forkproxy add application 10.0.0.3:3000 weight=2 max_fails=3",),
    ),
    Command("del", "servers", "remove a server from an upstream", (*PEERS, FORCE), THE_SERVER),
    Command(
        "state",
        "servers",
        "show what is not as the configuration says",
        PEERS,
        (Argument("what", "diff: what was changed while it runs", ("diff",), optional=True),),
    ),
    Command(
        "bans",
        "bans",
        "list whom limit_req … ban= refuses, and for how long",
        (*WHERE, SOCKET, JSON),
    ),
    Command(
        "unban",
        "bans",
        "let somebody in again",
        (*WHERE, SOCKET),
        (Argument("zone", "of limit_req_zone"), Argument("key", "as `bans` shows it")),
        examples=("forkproxy unban one 192.0.2.1",),
    ),
    Command(
        "proxy",
        "proxy",
        "stand in front of an application, without a file",
        (
            Option(
                ("--from",),
                "where to listen: :8080, HOST:PORT, unix:PATH (default :8080)",
                "ADDRESS",
            ),
            Option(
                ("--to",),
                "the application: :3000, HOST:PORT, http://HOST:PORT/path, unix:PATH;"
                " give more to spread requests over them",
                "ADDRESS",
                repeats=True,
                required=True,
            ),
            WORKERS,
            PREFIX,
            Option(("--print-config",), "print the nginx.conf this stands for, and serve nothing"),
        ),
        examples=(
            "forkproxy proxy --to :3000",
            "forkproxy proxy --from :8080 --to 127.0.0.1:3000 --to 127.0.0.1:3001",
            "forkproxy proxy --to :3000 --print-config > nginx.conf",
        ),
    ),
    Command(
        "renew",
        "renew",
        "obtain certificates anew that forkproxy looks after",
        (
            *WHERE,
            SOCKET,
            Option(("--all",), "all of them"),
            Option(("--revoke",), "and have the old ones revoked, once there are new ones"),
        ),
        (Argument("name", "a name that is in the certificate", optional=True),),
        about="They are renewed in time by themselves; this is for a key that others have seen.",
        examples=("forkproxy renew example.com --revoke",),
    ),
    Command(
        "trust",
        "trust",
        "let this machine trust the internal authority of `https auto`",
        (
            *WHERE,
            Option(("--print",), "print its root, as PEM, and change nothing"),
            Option(("--remove",), "take it out of the system's store"),
        ),
        about=(
            "`https auto` signs for localhost, addresses and names that are not public by an\n"
            "authority of its own. Its root is put where the system keeps those of its\n"
            "administrator; that takes root's rights. " + SEARCH
        ),
        examples=("sudo forkproxy trust", "forkproxy trust --print > root.crt"),
    ),
    Command(
        "demo",
        "demo",
        "a small application with forkproxy in front, to look at",
        (
            Option(
                ("--from",), "where to listen (default 127.0.0.1:8080, or any free port)", "ADDRESS"
            ),
            WORKERS,
            Option(("--print-config",), "print its nginx.conf, and serve nothing"),
        ),
    ),
    Command(
        "completion",
        "completion",
        "print a shell's completion script",
        arguments=(Argument("shell", "the shell", SHELLS),),
        examples=(
            'eval "$(forkproxy completion bash)"',
            "forkproxy completion zsh > ~/.zfunc/_forkproxy",
            "forkproxy completion fish > ~/.config/fish/completions/forkproxy.fish",
        ),
    ),
    Command(
        "version",
        "version",
        "print the version",
        (Option(("-v", "--verbose"), "also those of Python and the libraries"),),
    ),
)
