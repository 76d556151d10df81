"""The proxies: how each is started, reloaded and known."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from loadtest import proc, site
from loadtest.address import LOOPBACK, wait_open
from loadtest.child import Child
from loadtest.origin import ROOT
from loadtest.site import Site

_RELOAD = 10.0  # seconds the administration of a proxy may take to answer


class StartError(Exception):
    """A proxy did not start; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Running:
    """A proxy that serves.

    Attributes:
        pid: of the master, or of the only process.
        reload: asks it to load its configuration anew; does not wait where the proxy does not.
    """

    name: str
    site: Site
    child: Child
    reload: Callable[[], None]

    @property
    def pid(self) -> int:
        return self.child.pid

    @property
    def port(self) -> int:
        return self.site.port

    def url(self, path: str) -> str:
        scheme = "https" if self.site.task.secure else "http"
        return f"{scheme}://{LOOPBACK}:{self.port}{path}"


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the proxies there are to compare.

    Attributes:
        program: its executable, as a name or a path.
        conf: the name of its configuration file, and its text for a site.
        command: the words that start it in the foreground, after the program.
        version: the words that print its version.
        reload: asks a running one to load its configuration anew.
        environment: to add.
        cannot: words of tasks that it does not know (`site.Task.words`).
    """

    name: str
    program: str
    conf: str
    text: Callable[[Site], str]
    command: Callable[[Path, Site], Sequence[str]]
    version: Sequence[str]
    reload: Callable[[Child, Site], None]
    environment: Callable[[Path], dict[str, str]] = lambda _: {}
    cannot: frozenset[str] = frozenset()

    def installed(self) -> bool:
        return self._path() is not None

    def _path(self) -> str | None:
        # Debian's daemons are in sbin, which is not in everybody's path.
        return shutil.which(self.program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")

    def described(self) -> str:
        """Return the line it gives as its version, or "" where it gives none."""
        words = [self._path() or self.program, *self.version]
        answer = subprocess.run(words, capture_output=True, text=True, timeout=20, cwd=ROOT)
        lines = (answer.stdout + answer.stderr).splitlines()
        return lines[0] if lines and answer.returncode == 0 else ""

    @contextlib.contextmanager
    def running(self, where: Site, core: int) -> Iterator[Running]:
        """Run it while the `with` lasts. Raises StartError with what it said."""
        conf = where.folder / self.conf
        conf.write_text(self.text(where))
        words = [self._path() or self.program, *self.command(conf, where)]
        child = Child(
            words,
            core,
            where.folder / "output",
            folder=ROOT,
            environment=self.environment(where.folder),
        )
        with child:
            if not wait_open([where.port], child.alive):
                raise StartError(f"{self.name} does not start: {child.said()}")
            yield Running(self.name, where, child, lambda: self.reload(child, where))


def _signalled(number: int) -> Callable[[Child, Site], None]:
    return lambda child, _: os.kill(child.pid, number)


def _load_caddy(_: Child, where: Site) -> None:
    """Do what `caddy reload --force` does, without the cost of starting it."""
    connection = http.client.HTTPConnection(LOOPBACK, where.control, timeout=_RELOAD)
    text = (where.folder / "Caddyfile").read_text()
    # Without must-revalidate Caddy does nothing, since the configuration is unchanged.
    fields = {"Content-Type": "text/caddyfile", "Cache-Control": "must-revalidate"}
    with contextlib.closing(connection):
        connection.request("POST", "/load", text, fields)
        answer = connection.getresponse()
        body = answer.read()
    if answer.status != http.HTTPStatus.OK:
        raise OSError(f"caddy refuses to reload: {body.decode('utf-8', 'replace')}")


def _caddy_environment(folder: Path) -> dict[str, str]:
    return {
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
        "GOMAXPROCS": "1",
    }


def _nginx_text(where: Site) -> str:
    """Return the nginx.conf with the module that Debian has for brotli, where that is the task."""
    if where.task.coding != "brotli":
        return site.nginx_conf(where)
    built = subprocess.run(["nginx", "-V"], capture_output=True, text=True, timeout=20).stderr
    folder = built.partition("--modules-path=")[2].split()[:1] or ["modules"]
    return f"load_module {folder[0]}/ngx_http_brotli_filter_module.so;\n" + site.nginx_conf(where)


FORKPROXY = Kind(
    name="forkproxy",
    program=sys.executable,
    conf="nginx.conf",
    text=site.nginx_conf,
    command=lambda conf, where: [
        *("-m", "forkproxy", "start"),
        *("-c", str(conf), "-p", str(where.folder)),
    ],
    version=("-m", "forkproxy", "version"),
    reload=_signalled(signal.SIGHUP),
)

NGINX = Kind(
    name="nginx",
    program="nginx",
    conf="nginx.conf",
    text=_nginx_text,
    command=lambda conf, where: [
        *("-e", str(where.folder / "error.log"), "-g", "daemon off;"),
        *("-c", str(conf), "-p", str(where.folder)),
    ],
    version=("-v",),
    reload=_signalled(signal.SIGHUP),
    cannot=frozenset({"zstd"}),
)

HAPROXY = Kind(
    name="haproxy",
    program="haproxy",
    conf="haproxy.cfg",
    text=site.haproxy_cfg,
    command=lambda conf, _: ["-W", "-db", "-f", str(conf)],
    version=("-v",),
    reload=_signalled(signal.SIGUSR2),
    cannot=frozenset({"files", "brotli", "zstd"}),
)

CADDY = Kind(
    name="caddy",
    program="caddy",
    conf="Caddyfile",
    text=site.caddyfile,
    command=lambda conf, _: ["run", "--adapter", "caddyfile", "--config", str(conf)],
    version=("version",),
    reload=_load_caddy,
    environment=_caddy_environment,
    cannot=frozenset({"brotli"}),
)


def _load_varnish(_: Child, where: Site) -> None:
    """Load the same VCL under a name of now, and use it."""
    name = f"at{time.monotonic_ns()}"
    for words in (["vcl.load", name, str(where.folder / "default.vcl")], ["vcl.use", name]):
        command = ["varnishadm", "-n", str(where.folder / "varnish"), *words]
        subprocess.run(command, check=True, capture_output=True, timeout=_RELOAD)


VARNISH = Kind(
    name="varnish",
    program="varnishd",
    conf="default.vcl",
    text=site.varnish_vcl,
    command=lambda conf, where: [
        *("-F", "-j", "none", "-f", str(conf), "-n", str(where.folder / "varnish")),
        *("-a", f"{LOOPBACK}:{where.port}", "-s", "malloc,1g"),
    ],
    version=("-V",),
    reload=_load_varnish,
    cannot=frozenset({"files", "gzip", "brotli", "zstd", "tls", "http2"}),
)

KINDS = {kind.name: kind for kind in (FORKPROXY, NGINX, HAPROXY, CADDY, VARNISH)}


def busiest_child(pid: int) -> proc.Process | None:
    """Return that child which has worked most: of a proxy under load, its worker.

    None where there is no child: a proxy of one process.
    """
    children = [process for process in proc.living(pid) if process.parent == pid]
    return max(children, key=lambda process: process.own_cpu, default=None)
