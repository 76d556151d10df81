"""Text with variables: "$host${uri}x$1" taken apart.

The parts are the text between and Var objects. What a variable's name means is not
decided here (variables.py), nor how it is computed (core/).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from forkproxy.errors import ConfigError

_NAME = re.compile(r"[A-Za-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Var:
    """A variable in a text.

    `name` is lower-case: nginx's variables have no case. A capture of the last regular
    expression has its number in `capture` and its digit as name.
    """

    name: str
    capture: int = 0
    offset: int = field(default=0, compare=False)  # of its "$" in the text, in characters


Template = tuple[str | Var, ...]


class TemplateError(ConfigError):
    """A "$" that starts no variable.

    Attributes:
        offset: where it stands in the text, in characters.
    """

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason)
        self.offset = offset


def parse_template(text: str, *, captures: bool = True) -> Template:
    """Take a text apart. The empty text is the empty tuple; neighbours are never both text.

    Without `captures`, $1 is a variable called "1", as in nginx's log_format. Raises
    TemplateError.
    """
    if "$" not in text:
        return (text,) if text else ()
    parts: list[str | Var] = []
    at = 0
    while at < len(text):
        dollar = text.find("$", at)
        if dollar < 0:
            parts.append(text[at:])
            break
        if dollar > at:
            parts.append(text[at:dollar])
        variable, at = _variable(text, dollar, captures=captures)
        parts.append(variable)
    return tuple(parts)


def _variable(text: str, dollar: int, *, captures: bool) -> tuple[Var, int]:
    """Read the variable whose "$" stands at `dollar`; return it and where it ends."""
    first = text[dollar + 1 : dollar + 2]
    if captures and first and first in "123456789":
        return Var(first, int(first), dollar), dollar + 2
    braced = first == "{"
    start = dollar + 1 + braced
    found = _NAME.match(text, start)
    end = found.end() if found else start
    if braced and text[end : end + 1] != "}" and start < len(text):
        message = f'the closing bracket in "{text[start:end]}" variable is missing'
        raise TemplateError(message, dollar)
    if found is None:
        raise TemplateError("invalid variable name", dollar)
    return Var(found[0].lower(), 0, dollar), end + braced


def variables(template: Template) -> tuple[Var, ...]:
    """Return the variables of a template, in order."""
    return tuple(part for part in template if isinstance(part, Var))


def constant(template: Template) -> str | None:
    """Return the text of a template without variables, None for any other."""
    if not template:
        return ""
    first = template[0]
    return first if len(template) == 1 and isinstance(first, str) else None
