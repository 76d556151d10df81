"""nginx's command line, read as nginx reads it: `-tc FILE`, `-cFILE`, `-s reload`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from forkproxy.errors import ForkproxyError

PREFIX = "/etc/nginx/"
CONF = "/etc/nginx/nginx.conf"


class Show(Enum):
    """What is told before, or instead of, anything being done."""

    NOTHING = 0
    VERSION = 1
    CONFIGURE = 2
    HELP = 3


class Order(Enum):
    """What -s may say."""

    STOP = "stop"
    QUIT = "quit"
    REOPEN = "reopen"
    RELOAD = "reload"


@dataclass(slots=True)
class Options:
    """What the command line asked for."""

    show: Show = Show.NOTHING
    test: bool = False
    dump: bool = False
    quiet: bool = False
    prefix: str = PREFIX
    conf: str = CONF
    error_log: str = ""  # "" for what the configuration says
    directives: str = ""
    order: Order | None = None


class Misused(ForkproxyError):  # noqa: N818 (it names a fact about the command line)
    """The command line makes no sense; the text is nginx's."""


# An option with a value: the field it fills, and what nginx says is missing without it.
VALUES = {
    "p": ("prefix", "directory name"),
    "e": ("error_log", "file name"),
    "c": ("conf", "file name"),
    "g": ("directives", "parameter"),
    "s": ("order", "parameter"),
}


def parse(arguments: list[str]) -> Options:
    """Read the arguments; raises Misused."""
    options = Options()
    words = iter(arguments)
    for word in words:
        if not word.startswith("-"):
            raise Misused(f'invalid option: "{word}"')
        letters = word[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter not in VALUES:
                _flag(options, letter)
                continue
            field, missing = VALUES[letter]
            value = letters or next(words, "")
            if not value:
                raise Misused(f'option "-{letter}" requires {missing}')
            setattr(options, field, _order(value) if letter == "s" else value)
            break
    return options


def _flag(options: Options, letter: str) -> None:
    if letter in "?h":
        options.show = Show.HELP
    elif letter == "v":
        options.show = Show.VERSION
    elif letter == "V":
        options.show = Show.CONFIGURE
    elif letter == "t":
        options.test = True
    elif letter == "T":
        options.test = options.dump = True
    elif letter == "q":
        options.quiet = True
    else:
        raise Misused(f'invalid option: "{letter}"')


def _order(word: str) -> Order:
    try:
        return Order(word)
    except ValueError:
        raise Misused(f'invalid option: "-s {word}"') from None
