"""What the table of directives says, for people: of one directive, and of all as a page.

`forkproxy help NAME` prints the one, docs/directives.md is the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from forkproxy.config.defaults import default_text
from forkproxy.config.directives import FAMILIES, TABLE, near
from forkproxy.config.row import ANYWHERE, Inherit, Row, Tier

_PLACES = {"server if": "if in server", "location if": "if in location"}
_HANDED_DOWN = {
    Inherit.NEAREST: "the nearest level that gives it counts",
    Inherit.REPLACED: "one line at an inner level replaces all lines of the outer levels",
    Inherit.HERE: "not inherited: it acts at its own level only",
    Inherit.SERVER: "belongs to the server, and its locations see it",
}
_TIERS = {
    Tier.BUILT: "implemented",
    Tier.ACCEPTED: "accepted without effect: it changes no answer here",
    Tier.REFUSED: "refused",
}

_PAGE = """\
# Directives

Made from the table of directives by `forkproxy help --manual`; do not edit. `forkproxy help NAME`
prints one entry. nginx's documentation of a directive holds, but for what
[configuration](configuration.md) says.

A default behind "modern:" holds under `forkproxy_profile modern`.
"""


def names() -> tuple[str, ...]:
    """Return the names of all directives, sorted."""
    return tuple(sorted(TABLE))


def entry(name: str) -> str:
    """Return what is known of a directive. Raises KeyError with what was probably meant."""
    rows = TABLE.get(name)
    if rows is None:
        raise KeyError(near(name))
    return "\n".join("\n".join(_lines(row)) + "\n" for row in rows)


def _lines(row: Row) -> Iterator[str]:
    yield f"{row.name}: {_TIERS[row.tier]}"
    if row.tier is Tier.REFUSED:
        reason = row.reason or "this version of forkproxy does not have it"
        yield f"  reason:    {reason}"
        if row.instead:
            yield f"  instead:   {row.instead}"
        if row.off:
            yield f"  but:       {row.name} {row.off}; is taken, since it is true"
        return
    if row.manual:
        yield f"  {row.manual}"
    yield f"  arguments: {arguments(row)}"
    yield f"  context:   {', '.join(contexts(row))}"
    yield f"  default:   {default_text(row) or _no_default(row)}"
    if row.modern is not None:
        yield f"  modern:    {default_text(row, modern=True)}"
    if not row.inside:
        yield f"  inherited: {_HANDED_DOWN[row.inherit]}"


def _no_default(row: Row) -> str:
    return "hangs on other directives" if row.derive is not None else "none"


def arguments(row: Row) -> str:
    """Return how many arguments a directive takes, and whether a block follows."""
    if row.most is None:
        count = f"{row.least} or more"
    elif row.most == row.least:
        count = str(row.least)
    else:
        count = f"{row.least} to {row.most}"
    return f"{count} {{ … }}" if row.block else count


def contexts(row: Row) -> list[str]:
    """Return where a directive may stand, from the outside in."""
    return [_PLACES.get(place, place) for place in ANYWHERE if place in row.contexts]


def page() -> str:
    """Return the reference manual, in Markdown."""
    return "\n".join([_PAGE, *_families(), *_accepted(), *_refused()])


def _families() -> Iterator[str]:
    for family in FAMILIES:
        rows = [row for row in family.ROWS if row.tier is Tier.BUILT]
        if not rows:
            continue
        title = (family.__doc__ or "").partition("\n")[0].rstrip(".")
        yield f"## {title[:1].upper()}{title[1:]}\n"
        yield "| directive | arguments | context | default | |"
        yield "|---|---|---|---|---|"
        for row in rows:
            cells = (f"`{row.name}`", arguments(row), ", ".join(contexts(row)), _default(row))
            yield _row(*cells, row.manual)
        yield ""


def _default(row: Row) -> str:
    text = default_text(row)
    shown = f"`{text}`" if text else ""
    if row.modern is not None:
        shown += f" (modern: `{default_text(row, modern=True)}`)"
    return shown


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def _accepted() -> Iterator[str]:
    yield "## Accepted without effect\n"
    yield "They are checked, and change no answer of forkproxy's; `forkproxy check -v` lists those"
    yield "that a configuration has.\n"
    rows = [row for family in FAMILIES for row in family.ROWS if row.tier is Tier.ACCEPTED]
    yield _code(sorted({row.name for row in rows})) + ".\n"


def _refused() -> Iterator[str]:
    yield "## Refused\n"
    yield "An error, with the reason; where a value is named, that one is taken.\n"
    yield "| directives | reason | instead | taken |"
    yield "|---|---|---|---|"
    groups: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for family in FAMILIES:
        for row in family.ROWS:
            if row.tier is Tier.REFUSED:
                groups[row.reason, row.instead, row.off].append(row.name)
    for (reason, instead, off), found in groups.items():
        reason = reason or "this version of forkproxy does not have it"
        yield _row(_code(sorted(found)), reason, instead, f"`{off}`" if off else "")


def _code(found: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in found)
