"""disable_symlinks: whether a path to a file may lead over symbolic links."""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy.config import values
from forkproxy.config.row import HSL, Arguments, Invalid, row
from forkproxy.config.template import Template


@dataclass(frozen=True, slots=True)
class DisableSymlinks:
    """No links are followed; with `owners` those whose owner is that of what they lead to."""

    owners: bool
    start: Template | None = None  # the beginning of paths that is not looked at


def disable_symlinks(args: Arguments) -> DisableSymlinks | None:
    """Read a mode and from=; None for off."""
    mode, start = "", None
    for index, text in enumerate(args.words):
        if text in ("off", "on", "if_not_owner"):
            if mode:
                message = f'duplicate parameters "{args[0]} {args[1]}"'
                raise Invalid(message, index + 1)
            mode = text
        elif text.startswith("from="):
            start = values.template_at(args, index, text.removeprefix("from="))
        else:
            raise values.unknown_option(args, index + 1)
    if not mode:
        raise Invalid('"disable_symlinks" must have "off", "on" or "if_not_owner" parameter', 0)
    if mode == "off":
        if start is not None:
            raise Invalid('"from=" cannot be used with "off" parameter', 0)
        return None
    return DisableSymlinks(mode == "if_not_owner", start)


ROWS = [
    row(
        "disable_symlinks",
        HSL,
        disable_symlinks,
        "on|if_not_owner [from=part], or off: whether paths of files may lead over links",
        args=(1, 2),
    ),
]
