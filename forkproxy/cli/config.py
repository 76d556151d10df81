"""`forkproxy config`: the configuration as it was read, for programs and back for people."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from forkproxy.cli.source import SEARCHED, find
from forkproxy.config.schema import schema
from forkproxy.config.text import text_of
from forkproxy.errors import ConfigError


def run(options: argparse.Namespace) -> int:
    """Print the payload, the text or the schema."""
    if options.schema:
        print(json.dumps(schema(), indent=2, ensure_ascii=False))
        return 0
    payload = _given(options.payload) if options.payload else _read(options)
    if options.text:
        sys.stdout.buffer.write(text_of(payload).encode("utf-8", "surrogateescape"))
    else:
        print(json.dumps(payload, indent=2))
    return 0


def _read(options: argparse.Namespace) -> dict[str, Any]:
    source = find(options)
    if source is None:
        raise ConfigError(f"there is no configuration to read ({', '.join(SEARCHED)})")
    return source.load().payload(resolved=options.resolved)


def _given(name: str) -> dict[str, Any]:
    """Read a payload from a file, or from standard input."""
    try:
        octets = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
        found = json.loads(octets)
    except OSError as error:
        raise ConfigError(f"{name}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{name}: this is no JSON ({error})") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{name}: this is no payload of a configuration")
    return found
