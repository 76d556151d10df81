"""`forkproxy demo`: an application of our own, with forkproxy in front."""

from __future__ import annotations

import argparse
import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator

from forkproxy.cli import proxy
from forkproxy.errors import ConfigError

USUAL = ("127.0.0.1", 8080)


def run(options: argparse.Namespace) -> int:
    """Start the application, serve in front of it until told to end, and end it too."""
    listen = proxy.listening(getattr(options, "from") or free_address())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        behind = "{}:{}".format(*listener.getsockname())
        text = proxy.configuration(listen, [behind])
        if options.print_config:
            print(text, end="")
            return 0
        child = application(listener, text)
    from forkproxy.cli.source import Text, workplace
    from forkproxy.cli.start import serve

    with ended_with_us(child), workplace() as prefix:
        print(f"The demo is at {url(listen)} (application: {behind}). Ctrl-C ends it.", flush=True)
        return serve(Text("forkproxy demo", text, prefix), workers=options.workers)


def free_address() -> str:
    """Return 127.0.0.1:8080, or where that is taken, a port that is free just now."""
    for address in (USUAL, ("127.0.0.1", 0)):
        with contextlib.suppress(OSError), socket.create_server(address) as probe:
            return "{}:{}".format(*probe.getsockname())
    raise ConfigError("no port of 127.0.0.1 is free")


def url(listen: str) -> str:
    """Return what to type into a browser to reach the argument of a `listen`."""
    if listen.startswith("unix:"):
        return listen
    host, _, port = listen.rpartition(":")
    return f"http://{host if host not in ('', '*', '0.0.0.0') else '127.0.0.1'}:{port}/"  # noqa: S104


def application(listener: socket.socket, configuration: str) -> subprocess.Popen[bytes]:
    """Start the application as a child, on a socket that listens already.

    It ends when its standard input does, so also when this process is killed.
    """
    descriptor = listener.fileno()
    return subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "forkproxy.cli.demo_app", str(descriptor), configuration],
        stdin=subprocess.PIPE,
        pass_fds=[descriptor],
        start_new_session=True,  # Ctrl-C is for forkproxy; the application follows it
    )


@contextlib.contextmanager
def ended_with_us(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the application when the block ends, and wait for it."""
    assert child.stdin is not None
    try:
        yield
    finally:
        child.stdin.close()
        child.wait()
