"""One of three origins is killed under load, and comes back: `python -m loadtest.revive`.

Two workers, active checks once a second, POSTs left alone and GETs sent again as by default. What
counts is what the clients see: nothing, at best, also of the requests that were in flight on the
origin that died; and nothing at all once it is marked.
"""

import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from loadtest import strict
from loadtest.address import LOOPBACK, free_ports, wait_open
from loadtest.child import Child, Cores
from loadtest.origin import ROOT

SECONDS = 12.0
KEPT, FRESH = 24, 8  # connections of the client
INTERVAL = 1.0  # seconds between two checks


def configuration(folder: Path, port: int, origins: list[int]) -> str:
    """Return the nginx.conf."""
    servers = "".join(f"server {LOOPBACK}:{origin};" for origin in origins)
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""\
{user} worker_processes 2;
pid {folder}/pid; error_log {folder}/error.log notice;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    match alive {{ status 200; }}
    upstream u {{ {servers} }}
    server {{
        listen {LOOPBACK}:{port};
        location / {{
            proxy_pass http://u;
            health_check interval={INTERVAL:g}s uri=/16 match=alive;
        }}
    }}
}}
"""


def origin(port: int, folder: Path, cores: Cores) -> Child:
    """Start an origin."""
    words = [sys.executable, "-m", "loadtest.plain_origin", str(port)]
    return Child(words, cores.load, folder / f"origin-{port}.out", folder=ROOT)


def marked_at(folder: Path, word: str, since: float) -> float | None:
    """Return when the error log first said a word, in monotonic seconds; None: not in time."""
    log = folder / "error.log"
    while time.monotonic() < since + 4 * INTERVAL:
        if word in log.read_text("utf-8", "replace"):
            return time.monotonic()
        time.sleep(0.005)
    return None


def run(folder: Path) -> int:
    """Measure once and print it; return 1 where a request failed after the mark."""
    cores = Cores.available()
    port, control, *origins = free_ports(5)
    conf = folder / "nginx.conf"
    text = configuration(folder, port, origins)
    conf.write_text(f"control_socket unix:{folder}/{control}.sock;\n{text}")
    children = [origin(one, folder, cores) for one in origins]
    proxy = Child(
        [sys.executable, "-m", "forkproxy", "start", "-c", str(conf)], cores.proxy, folder / "out"
    )
    try:
        if not wait_open([port, *origins], proxy.alive):
            print(proxy.said(), file=sys.stderr)
            return 2
        return _measure(folder, port, origins, children, cores)
    finally:
        for child in (proxy, *children):
            child.end()


def _measure(
    folder: Path, port: int, origins: list[int], children: list[Child], cores: Cores
) -> int:
    words = strict.command(port, SECONDS, KEPT, FRESH)
    with Child(words, cores.load, folder / "strict.out", folder=ROOT) as client:
        time.sleep(SECONDS / 3)
        killed_at = time.monotonic()
        os.kill(children[1].pid, signal.SIGKILL)
        down_at = marked_at(folder, "is unhealthy", killed_at)
        time.sleep(max(0.0, killed_at + SECONDS / 3 - time.monotonic()))
        revived_at = time.monotonic()
        children[1].end()
        children[1] = origin(origins[1], folder, cores)
        up_at = marked_at(folder, "is healthy, was unhealthy", revived_at)
        client.wait(SECONDS + 20.0)
    report = strict.parse(client.said())
    failed = [event for event in report.events if event.outcome not in strict.SUCCESSES]
    before = [event for event in failed if down_at is None or event.at < down_at]
    print(f"requests                          {sum(report.outcomes.values())}")
    print(f"marked down after                 {_since(down_at, killed_at)}")
    print(f"marked up after                   {_since(up_at, revived_at)}")
    print(f"failed before the mark            {len(before)}")
    print(f"failed after the mark             {len(failed) - len(before)}")
    for event in failed:
        print(f"  {event.at - killed_at:+.3f} s after the kill: {event.outcome}")
    return int(len(failed) > len(before))


def _since(at: float | None, start: float) -> str:
    return f"{at - start:.2f} s" if at is not None else "never"


def main() -> int:
    """Measure in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="revive-") as folder:
        return run(Path(folder))


if __name__ == "__main__":
    sys.exit(main())
