"""What a choice between peers costs, and how long many upstreams take to load.

    python -m loadtest.picks

One process, no socket: `Upstream.choose` in a loop, with the peers on a scoreboard as in a worker,
and a configuration of 10,000 servers in 1,000 upstreams, read, checked and built.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from forkproxy.build import build
from forkproxy.config.load import load_text
from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Row
from forkproxy.upstream.upstream import Upstream

PEERS = 100
PICKS = 500  # of a round, short enough not to be interrupted
ROUNDS = 200
UPSTREAMS, SERVERS = 1_000, 10
METHODS = (
    "",
    "least_conn;",
    "least_time header;",
    "random;",
    "random two;",
    'hash "key";',
    'hash "key" consistent;',
)


def configuration(method: str, peers: int, upstreams: int = 1) -> str:
    """Return a configuration with so many upstreams of so many peers each."""
    blocks = []
    for number in range(upstreams):
        lines = "\n".join(
            f"server 10.{number // 250}.{number % 250}.{peer + 1}:80;" for peer in range(peers)
        )
        blocks.append(f"upstream u{number} {{ {method}\n{lines}\n}}")
    joined = "\n".join(blocks)
    server = "server { listen 127.0.0.1:1; location / { proxy_pass http://u0; } }"
    return f"events {{}}\nhttp {{ access_log off;\n{joined}\n{server}\n}}\n"


def upstream(method: str, folder: str) -> Upstream:
    """Return an upstream as a worker has it."""
    text = f"error_log {folder}/error.log; {configuration(method, PEERS)}"
    generation = build(load_text(text, prefix=folder))
    board = cells.make(8)
    board.directory.allot(generation.peers)
    found = next(one for one in generation.upstreams if one.name == "u0")
    board.board.claim(Row.FIRST_WORKER)
    found.attach(board.of(Row.FIRST_WORKER))
    generation.close()
    return found


def fastest(action: Callable[[], object]) -> float:
    """Return the CPU seconds of the fastest of many rounds: what others did is left out."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        action()
        best = min(best, time.process_time() - began)
    return best


def pick(found: Upstream, picks: int = PICKS) -> float:
    """Return the CPU microseconds of one choice, the call from Python included."""

    def many() -> None:
        choose = found.choose
        for _ in range(picks):
            choose()

    return fastest(many) / picks * 1e6


def load(folder: str) -> float:
    """Return the CPU seconds that many upstreams take to load."""
    text = f"error_log {folder}/error.log; {configuration('', SERVERS, UPSTREAMS)}"
    began = time.process_time()
    build(load_text(text, prefix=folder)).close()
    return time.process_time() - began


def main() -> int:
    """Print both; return 0."""
    with tempfile.TemporaryDirectory(prefix="picks-") as folder:
        Path(folder).chmod(0o700)
        print(f"a choice between {PEERS} peers")
        for method in METHODS:
            name = method.rstrip(";") or "round robin"
            print(f"  {name:24} {pick(upstream(method, folder)):6.2f} us")
        servers = UPSTREAMS * SERVERS
        print(f"{servers} servers in {UPSTREAMS} upstreams: {load(folder):.2f} s to load")
    return 0


if __name__ == "__main__":
    sys.exit(main())
