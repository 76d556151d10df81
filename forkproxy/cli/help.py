"""`forkproxy help DIRECTIVE`: what the table of directives says of it."""

from __future__ import annotations

import argparse
import shutil
import textwrap

from forkproxy.config.manual import entry, names, page
from forkproxy.errors import ConfigError


def run(options: argparse.Namespace) -> int:
    """Print one entry, the list of names, or the whole page."""
    if options.manual:
        print(page())
        return 0
    if options.directive is None:
        print(textwrap.fill("  ".join(names()), shutil.get_terminal_size().columns - 1))
        return 0
    try:
        print(entry(options.directive), end="")
    except KeyError as unknown:
        (near,) = unknown.args
        meant = f': did you mean "{near}"?' if near else ""
        raise ConfigError(f'no directive is called "{options.directive}"{meant}') from None
    return 0
