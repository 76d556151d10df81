"""What the proxies forward to: the same two servers for all of them, on the load's core."""

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from loadtest.address import LOOPBACK, free_ports, wait_open
from loadtest.child import Child
from loadtest.page import page

ROOT = Path(__file__).parents[1]
SIZES = (1024, 65536, 1048576)  # octets: the files there are, each by its size's name
DOWNLOAD = 104857600  # octets of one more such file, which are all zero
PAGE = 102400  # octets of /page.html

_NGINX = """\
{user}worker_processes 1;
daemon off;
pid {folder}/origin.pid;
error_log {folder}/origin.log warn;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=16;
    keepalive_timeout 300s;
    keepalive_requests 1000000000;
    server {{ listen {loopback}:{port} backlog=4096; root {folder}/www; }}
}}
"""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the proxies forward to.

    Attributes:
        files: the port that answers GET /1024, /65536, /1048576, /104857600 and /page.html.
        reader: the port that reads a POST's whole body, then answers, echoes WebSockets, and
            answers GET /upload/stream with what does not end.
        folder: has the files, too.
    """

    files: int
    reader: int
    folder: Path = Path()


@contextlib.contextmanager
def origin(folder: Path, core: int) -> Iterator[Origin]:
    """Run an origin while the `with` lasts."""
    ports = Origin(*free_ports(2), _files(folder))
    with contextlib.ExitStack() as running:
        nginx = shutil.which("nginx")
        if nginx:
            command = [nginx, "-p", str(folder), "-c", str(_nginx(folder, ports.files))]
        else:
            command = _plain(ports.files)
        for words, port in ((command, ports.files), (_plain(ports.reader), ports.reader)):
            child = running.enter_context(
                Child(words, core, folder / f"origin-{port}.out", folder=ROOT)
            )
            if not wait_open([port], child.alive):
                raise RuntimeError(f"the origin does not start: {child.said()}")
        yield ports


def _plain(port: int) -> list[str]:
    return [sys.executable, "-m", "loadtest.plain_origin", str(port)]


def _files(folder: Path) -> Path:
    www = folder / "www"
    www.mkdir()
    for size in SIZES:
        (www / str(size)).write_bytes(b"x" * size)
    (www / str(DOWNLOAD)).touch()
    os.truncate(www / str(DOWNLOAD), DOWNLOAD)  # occupies nothing until somebody reads it
    (www / "page.html").write_bytes(page(PAGE))
    return www


def _nginx(folder: Path, port: int) -> Path:
    conf = folder / "origin.conf"
    # Workers of another user could not read a folder that is ours alone.
    user = "user root;\n" if os.geteuid() == 0 else ""
    conf.write_text(_NGINX.format(user=user, folder=folder, port=port, loopback=LOOPBACK))
    return conf
