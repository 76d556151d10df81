"""`forkproxy version`: what runs here."""

from __future__ import annotations

import argparse
import platform

from forkproxy import __version__

LIBRARIES = ("gevent", "greenlet", "lmdb", "brotli", "setproctitle", "psutil")


def run(options: argparse.Namespace) -> int:
    """Print the version; with --verbose those of Python and the libraries, a line each."""
    print(f"forkproxy {__version__}")
    if options.verbose:
        print(f"{platform.python_implementation()} {platform.python_version()}")
        # Read from the installed packages' metadata: importing gevent takes 0.1 s.
        for name in LIBRARIES:
            print(f"{name} {installed(name)}")
    return 0


def installed(name: str) -> str:
    """Return the version of an installed package."""
    from importlib import metadata  # 30 ms, which `forkproxy version` alone need not wait for

    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
