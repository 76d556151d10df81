"""`forkproxy check`: all that is wrong with a configuration, without serving it."""

from __future__ import annotations

import argparse
import json
import sys

from forkproxy.cli.source import SEARCHED, find
from forkproxy.config.report import check_file
from forkproxy.errors import ConfigError


def run(options: argparse.Namespace) -> int:
    """Print the report; return 0 for a configuration that can be used, else 1."""
    source = find(options)
    if source is None:
        raise ConfigError(f"there is no configuration to check ({', '.join(SEARCHED)})")
    report = check_file(
        source.path, source.prefix, source.directives, verbose=options.verbose, first=options.first
    )
    if options.format == "json":
        print(json.dumps(report.json, indent=2, ensure_ascii=False))
    else:
        print(report.text, end="", file=sys.stdout if report.exit_code == 0 else sys.stderr)
    return report.exit_code
