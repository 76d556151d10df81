"""auth_basic: a name and a password."""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.row import HSL, LIMIT_EXCEPT, Arguments, row
from forkproxy.config.template import Template

_PLACES = (*HSL, LIMIT_EXCEPT)


def file(args: Arguments) -> Template:
    """Read a file name, with variables; relative ones are taken from the configuration's folder."""
    return values.template_at(args, 0)


ROWS = [
    row(
        "auth_basic",
        _PLACES,
        values.template,
        "realm | off: let in who knows a name and a password of auth_basic_user_file",
        default=("off",),
    ),
    row("auth_basic_user_file", _PLACES, file, "file of lines name:password:comment"),
]
