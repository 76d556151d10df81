"""A configuration of thousands of servers: what its check costs, and whether a request pays.

    python -m loadtest.many_servers

checks and builds 5 and 5,000 servers, and asks both the same question: the last server by its name.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from forkproxy.build import draw
from forkproxy.config.load import Config, load
from forkproxy.core.trace import Asker, server_for
from forkproxy.wire.head import parse_request_head

LIMIT = 2.0  # seconds: what a check may take


def configuration(count: int) -> str:
    """Return a configuration of so many servers with a location each, 245 octets apiece."""
    servers = "".join(
        f"""\
    server {{
        listen 8080;
        server_name site{number}.example.com www.site{number}.example.com;
        access_log off;
        location / {{
            proxy_pass http://application;
            proxy_set_header Host $host;
        }}
    }}
"""
        for number in range(count)
    )
    return f"""\
worker_processes 2;
events {{ worker_connections 1024; }}
http {{
    upstream application {{ server 127.0.0.1:3000; keepalive 16; }}
{servers}}}
"""


def check_time(path: Path) -> float:
    """Return the CPU seconds of one `forkproxy check`, the interpreter's start included.

    On an idle machine they are the seconds that a user waits; beside other work they stay true.
    """
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "forkproxy", "check", "-c", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class _Silent:
    """An error log for plans that serve nobody."""

    def wants(self, _level: int) -> bool:
        return False


def routing_time(config: Config, host: str, rounds: int = 20_000) -> float:
    """Return the microseconds that it takes to find a server by its name, the best of five."""
    plan = draw(config, None, _Silent())
    (names,) = plan.names.values()
    head = parse_request_head(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    asker = Asker(b"127.0.0.1", 1, b"127.0.0.1", 8080, False)
    found = []
    for _ in range(5):
        begun = time.perf_counter()
        for _ in range(rounds):
            server_for(head, asker, names)
        found.append((time.perf_counter() - begun) / rounds * 1e6)
    return min(found)


def main() -> int:
    """Print the table; return 1 where a check of the many takes too long."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=5000, help="how many are many")
    parser.add_argument("--rounds", type=int, default=3, help="checks; the median is shown")
    options = parser.parse_args()
    slow = False
    print("servers    octets    check s  routing µs")
    with tempfile.TemporaryDirectory() as folder:
        for count in (5, options.count):
            path = Path(folder, f"{count}.conf")
            path.write_text(configuration(count))
            seconds = statistics.median(check_time(path) for _ in range(options.rounds))
            routing = routing_time(load(str(path)), f"www.site{count - 1}.example.com")
            size = path.stat().st_size
            print(f"{count:7}  {size:8}  {seconds:9.2f}  {routing:10.2f}")
            slow = slow or seconds > LIMIT
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
