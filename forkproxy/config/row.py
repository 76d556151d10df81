"""What the table of directives says about one directive: its row."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from forkproxy.config.template import Template, variables
from forkproxy.errors import ConfigError

if TYPE_CHECKING:
    from forkproxy.config.scope import Directive, Scope

# The places where a directive may stand. "if" is two of them: nginx allows different
# directives in the `if` of a server and in that of a location.
MAIN = "main"
EVENTS = "events"
HTTP = "http"
SERVER = "server"
LOCATION = "location"
SERVER_IF = "server if"
LOCATION_IF = "location if"
LIMIT_EXCEPT = "limit_except"
UPSTREAM = "upstream"

ANYWHERE = (MAIN, EVENTS, HTTP, SERVER, LOCATION, SERVER_IF, LOCATION_IF, LIMIT_EXCEPT, UPSTREAM)
HSL = (HTTP, SERVER, LOCATION)


class Inherit(Enum):
    """How a level comes by a directive that it does not give itself."""

    NEAREST = "nearest"  # one value: the nearest level that gives it wins
    REPLACED = "replaced"  # a list: any line at the inner level replaces the whole outer list
    HERE = "here"  # never: what it orders happens at its own level only
    SERVER = "server"  # it belongs to the server, and its locations see it there


class Tier(Enum):
    """What becomes of a directive."""

    BUILT = "built"
    ACCEPTED = "accepted"  # it changes no answer here; the report says so
    REFUSED = "refused"  # ignoring it would betray whoever wrote it


class Invalid(ConfigError):  # noqa: N818 (it says what the arguments are)
    """The arguments of one directive are wrong.

    Attributes:
        reason: nginx's words.
        word: which word is to blame: 0 is the name, 1 the first argument.
    """

    def __init__(self, reason: str, word: int = 1, *, hint: str = "") -> None:
        super().__init__(reason, hint=hint)
        self.word = word


@dataclass(slots=True)
class Arguments:
    """The words behind a directive's name, and where they stand. Nobody changes them.

    `level` is the level that the directive stands in, with all that came before it.
    """

    name: str
    words: tuple[str, ...]
    quoted: tuple[bool, ...]
    level: Scope
    warnings: list[tuple[str, int]] = field(default_factory=list)  # message, word
    used: list[tuple[str, int]] = field(default_factory=list)  # variable, word
    defined: list[str] = field(default_factory=list)  # variables

    def __getitem__(self, index: int) -> str:
        return self.words[index]

    def __len__(self) -> int:
        return len(self.words)

    def refuse(self, reason: str, *, hint: str = "") -> Invalid:
        """Return the error in nginx's usual shape: "name" directive reason."""
        return Invalid(f'"{self.name}" directive {reason}', hint=hint)

    def uses(self, template: Template, word: int) -> None:
        """Note the variables of a template, to be looked up when all are known."""
        self.used.extend((part.name, word) for part in variables(template) if not part.capture)

    def warn(self, message: str, word: int = 1) -> None:
        self.warnings.append((message, word))


Parse = Callable[[Arguments], Any]
Close = Callable[[Arguments, "tuple[Directive, ...]"], Any]
Line = Callable[[Arguments, set[str]], Any]  # with what the lines before it left to know
Derive = Callable[["Scope"], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One directive in the places where it means one thing.

    `least` and `most` count arguments. `inside` is the place that its block makes;
    a block of bare lines (types, map) has `line` and `close` instead, which parse
    each line and make the directive's value of all of them.
    """

    name: str
    contexts: frozenset[str]
    manual: str
    parse: Parse
    least: int = 1
    most: int | None = 1
    default: Any = None
    derive: Derive | None = None  # the default, where it hangs on other directives
    modern: Any = None  # the default under `forkproxy_profile modern`, where it differs
    preset: Any = None  # the default where `proxy_preset modern` holds
    inherit: Inherit = Inherit.NEAREST
    together: tuple[str, ...] = ()  # with these it is one list: a line of either replaces all
    repeat: bool = False  # may stand more than once at one level
    handler: bool = False  # HERE, but an `if` or limit_except goes on with its location's
    inside: str = ""
    line: Line | None = None
    close: Close | None = None
    stand_in: Any = None  # for a block whose heading is wrong, so that the rest is checked
    tier: Tier = Tier.BUILT
    reason: str = ""  # why it is refused
    instead: str = ""  # what to do for the nearest to it
    off: str = ""  # the one argument with which even a refused directive tells the truth

    @property
    def block(self) -> bool:
        return bool(self.inside) or self.close is not None


def row(name: str, contexts: Collection[str], parse: Parse, manual: str = "", **rest: Any) -> Row:
    """Return a row; `args=2` or `args=(1, None)` is short for least and most."""
    if (args := rest.pop("args", None)) is not None:
        rest["least"], rest["most"] = args if isinstance(args, tuple) else (args, args)
    return Row(name=name, contexts=frozenset(contexts), parse=parse, manual=manual, **rest)


def words(args: Arguments) -> tuple[str, ...]:
    """Parse nothing: the value is the words."""
    return args.words


def accepted(name: str, contexts: Collection[str], parse: Parse, **rest: Any) -> Row:
    """Return the row of a directive that is checked and changes nothing."""
    return row(name, contexts, parse, tier=Tier.ACCEPTED, **rest)


_NOT_HERE = "this version does not have it, and what it orders would not happen"


def refused(names: str, reason: str = "", *, instead: str = "", off: str = "") -> list[Row]:
    """Return the rows of directives, written with spaces between, that are refused."""
    return [
        row(
            name,
            ANYWHERE,
            words,
            args=(0, None),
            repeat=True,
            tier=Tier.REFUSED,
            reason=reason or ("" if instead else _NOT_HERE),
            instead=instead,
            off=off,
        )
        for name in names.split()
    ]
