"""Files and answers: root, alias, index, try_files, types, error_page and their kin."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.row import (
    HSL,
    LOCATION,
    LOCATION_IF,
    SERVER,
    Arguments,
    Inherit,
    Invalid,
    row,
    words,
)
from forkproxy.config.template import Template

if TYPE_CHECKING:
    from forkproxy.config.scope import Directive

DEFAULT_TYPES = {"html": "text/html", "gif": "image/gif", "jpg": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class TryFiles:
    """Files to look for, and what to do when none is there.

    A file whose template ends in "/" is a folder. The last resort is `status`, where
    it is not 0, else `fallback`: a URI or the name of a location.
    """

    files: tuple[Template, ...]
    folders: tuple[bool, ...]  # whether each of `files` asks for a folder
    fallback: Template = ()
    status: int = 0


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What is shown in place of an error.

    `answer` is the status of the answer: None keeps the error's own, 0 takes that of
    the page. `uri` is a path, the name of a location, or a URL to redirect to.
    """

    statuses: tuple[int, ...]
    uri: Template
    answer: int | None = None


def root(args: Arguments) -> Template:
    """Read a folder; relative ones are taken from the prefix."""
    return _folder(args, "alias", args[0].rstrip("/") if args[0] != "/" else "")


def alias(args: Arguments) -> Template:
    """Read a folder, or a file, that stands for what the location matched."""
    if args.level.context == LOCATION and args.level.subject.path.startswith("@"):
        raise Invalid('the "alias" directive cannot be used inside the named location', 0)
    return _folder(args, "root", args[0])


def _folder(args: Arguments, other: str, text: str) -> Template:
    if args.level.own(other):
        raise Invalid(
            f'"{args.name}" directive is duplicate, "{other}" directive was specified earlier', 0
        )
    for name in ("$document_root", "${document_root}", "$realpath_root", "${realpath_root}"):
        if name in args[0].lower():
            bare = name.strip("${}")
            raise Invalid(f'the ${bare} variable cannot be used in the "{args.name}" directive')
    if not text.startswith("$"):
        text = os.path.join(args.level.prefix, text) if text else text  # noqa: PTH118
    return values.template_at(args, 0, text)


def index(args: Arguments) -> tuple[Template, ...]:
    """Read names of index files."""
    for at, name in enumerate(args.words, 1):
        if not name:
            raise Invalid(f'index "{args[0]}" in "index" directive is invalid', at)
        if name.startswith("/") and at != len(args):
            args.warn(f'only the last index in "index" directive should be absolute: "{name}"', at)
    return tuple(values.template_at(args, at) for at in range(len(args)))


def try_files(args: Arguments) -> TryFiles:
    """Read files, and what to do without."""
    *candidates, last = args.words
    files = tuple(values.template_at(args, at) for at in range(len(candidates)))
    folders = tuple(name.endswith("/") for name in candidates)
    if last.startswith("="):
        try:
            status = units.parse_number(last[1:])
        except ValueError:
            status = 1000
        if status > 999:
            raise Invalid(f'invalid code "{last}"', len(args))
        return TryFiles(files, folders, status=status)
    return TryFiles(files, folders, values.template_at(args, len(args) - 1))


# Statuses of nginx's own, which it shows to clients as 400.
_SHOWN_AS_400 = frozenset((494, 495, 496, 497))


def error_page(args: Arguments) -> ErrorPage:
    """Read statuses, an answer's status, and what to show."""
    statuses = list(args.words[:-1])
    answer: int | None = None
    if statuses[-1].startswith("="):
        text = statuses.pop()
        at = len(args) - 1
        if not statuses:
            raise Invalid(f'invalid value "{text}"', at)
        answer = _status(text[1:] or "0", at, text)
    numbers = [_status(text, at, text) for at, text in enumerate(statuses, 1)]
    for at, number in enumerate(numbers, 1):
        if number == 499:
            raise Invalid(f'invalid value "{args[at - 1]}"', at)
        if not 300 <= number <= 599:
            raise Invalid(f'value "{args[at - 1]}" must be between 300 and 599', at)
    uri = values.template_at(args, len(args) - 1)
    if answer is None and numbers and _SHOWN_AS_400.issuperset(numbers):
        answer = 400
    return ErrorPage(tuple(numbers), uri, answer)


def _status(text: str, at: int, shown: str) -> int:
    try:
        return units.parse_number(text)
    except ValueError:
        raise Invalid(f'invalid value "{shown}"', at) from None


def types_line(args: Arguments, _seen: set[str]) -> tuple[str, ...]:
    """Read the extensions of one media type."""
    return tuple(extension.lower() for extension in args.words)


def types(args: Arguments, lines: tuple[Directive, ...]) -> dict[str, str]:
    """Return media types by extension; several blocks of one level add up."""
    earlier = args.level.own("types")
    found: dict[str, str] = earlier[-1].value if earlier else {}
    for line in lines:
        for extension in line.value:
            known = found.get(extension)
            if known is not None:
                args.warn(
                    f'duplicate extension "{extension}", content type: "{line.name}", '
                    f'previous content type: "{known}"',
                    0,
                )
            found[extension] = line.name
    return found


ROWS = [
    row("root", [*HSL, LOCATION_IF], root, "folder of the files", default=()),
    row("alias", [LOCATION], alias, "what stands for the location's path in file names"),
    row(
        "index",
        HSL,
        index,
        "files tried for a path that ends in /",
        args=(1, None),
        default=(("index.html",),),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "try_files",
        [SERVER, LOCATION],
        try_files,
        "files looked for in turn, then a URI, a named location or =status",
        args=(2, None),
        inherit=Inherit.HERE,
    ),
    row(
        "error_page",
        [*HSL, LOCATION_IF],
        error_page,
        "what is shown in place of an error: status … [=[answer]] uri",
        args=(2, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "forkproxy_error_pages",
        HSL,
        values.choice("nginx", "modern"),
        "our own errors: nginx's pages, or what happened in a sentence and the request's id, "
        "as JSON (RFC 9457) to those who prefer it",
        default="nginx",
        modern="modern",
    ),
    row(
        "types",
        HSL,
        words,
        "media types of file names: type extension …;",
        args=0,
        default=DEFAULT_TYPES,
        repeat=True,
        line=types_line,
        close=types,
    ),
    row("default_type", HSL, values.word, "media type of other files", default="text/plain"),
    row(
        "internal",
        [LOCATION],
        values.nothing,
        "only internal redirects reach this",
        args=0,
        default=False,
    ),
    row("log_not_found", HSL, values.flag, "log files that are not there", default=True),
    row(
        "recursive_error_pages",
        HSL,
        values.flag,
        "error pages for errors of error pages",
        default=False,
    ),
    row(
        "max_ranges",
        HSL,
        values.number(),
        "most parts of an answer that one request may ask for; 0 for none",
    ),
    row("etag", HSL, values.flag, "give files an ETag", default=True),
    row(
        "if_modified_since",
        HSL,
        values.choice("off", "exact", "before"),
        "how If-Modified-Since is compared",
        default="exact",
    ),
    row(
        "empty_gif",
        [LOCATION],
        values.nothing,
        "answer with an image of one transparent pixel",
        args=0,
        inherit=Inherit.HERE,
        repeat=True,
    ),
    row(
        "early_hints",
        HSL,
        values.templates,
        "conditions under which a 103 of the upstream goes on to the client",
        args=(1, None),
        inherit=Inherit.REPLACED,
    ),
]
