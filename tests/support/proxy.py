"""A real forkproxy, or a real nginx, started on free loopback ports from an nginx.conf.

    with Proxy("events {} http { server { listen %PORT%; ... } }") as proxy:
        get(proxy.address)

In the configuration %PORT%, %PORT2%, ... become "127.0.0.1:" and a free port, and
%PREFIX% the folder the server runs in; every other %WORD% is given as an argument.
It names no `daemon`, no `worker_processes` and no `pid`: those are the command line's.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

from tests.support.eventually import PATIENCE, eventually
from tests.support.sockets import connect, free_port

ROOT = Path(__file__).parents[2]
START = PATIENCE  # seconds a server may take until it accepts
STOP = PATIENCE  # seconds a server may take to go
WORD = re.compile(r"%([A-Z][A-Z0-9_]*)%")


class Server:
    """A reverse proxy as a child process, in a temporary folder, until the `with` ends.

    Attributes:
        attendants: children that are not workers.
        prefix: the folder; conf/nginx.conf and logs/ are in it.
        address: what stands for %PORT% in the configuration.
        pid: of the master.
    """

    attendants = 0

    def __init__(self, conf, workers=1, **words):
        self.workers = workers
        self.prefix = Path(tempfile.mkdtemp(prefix="proxy-"))
        self.prefix.chmod(0o755)  # the workers may be of another user
        (self.prefix / "logs").mkdir()
        (self.prefix / "conf").mkdir()
        self.conf = self.prefix / "conf" / "nginx.conf"
        self._words = {name: str(word) for name, word in words.items()}
        self._words["PREFIX"] = str(self.prefix)
        self._output = self.prefix / "logs" / "output"
        self._process = None
        try:
            self.write(conf)
            self._start()
        except BaseException:
            self.stop()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def address(self):
        return self._words["PORT"]

    @property
    def pid(self):
        return self._process.pid

    def word(self, name):
        """Return what stands for %NAME% in the configuration."""
        return self._words[name]

    def port(self, name="PORT"):
        """Return the number of a port of the configuration."""
        return int(self._words[name].rpartition(":")[2])

    def write(self, conf):
        """Write the configuration anew, for a reload; known words keep their values."""
        self.conf.write_text(WORD.sub(self._fill, conf))

    def _fill(self, match):
        name = match[1]
        if name.startswith("PORT") and name not in self._words:
            self._words[name] = f"127.0.0.1:{free_port()}"
        return self._words[name]

    def _start(self):
        with self._output.open("wb") as output:
            self._process = subprocess.Popen(
                self.command(),
                cwd=self.prefix,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        eventually(self._serves, START, "the server serves")

    def _serves(self):
        self._check()
        if len(self.children()) < self.workers + self.attendants:
            return False
        for name, address in self._words.items():
            if name.startswith("PORT"):
                connect(address).close()
        return True

    def _check(self):
        """Fail, with all that it said, where the master is gone."""
        if not self.running():
            raise RuntimeError(f"it ended with {self._process.returncode}:\n{self.error_log()}")

    def environment(self):
        return os.environ | {"PYTHONPATH": str(ROOT)}

    def children(self):
        """Return the pids of the children alive just now: workers, and what else there is."""
        with contextlib.suppress(psutil.NoSuchProcess):
            return {
                child.pid
                for child in psutil.Process(self.pid).children()
                if child.status() != psutil.STATUS_ZOMBIE
            }
        return set()

    def signal(self, number):
        """Send the master a signal."""
        self._process.send_signal(number)

    def hang_up(self):
        """Ask for a reload, and wait for nothing."""
        self.signal(signal.SIGHUP)

    def reload(self, conf=None):
        """Reload, with a new configuration where one is given; wait until a new worker runs."""
        if conf is not None:
            self.write(conf)
        old = self.children()
        self.hang_up()
        eventually(lambda: self._renewed(old), START, "a new worker after the reload")

    def _renewed(self, old):
        self._check()
        return self.children() - old

    def running(self):
        """Tell whether the master is alive."""
        return self._process.poll() is None

    def wait(self, within=STOP):
        """Wait for the master to end by itself; return its exit status."""
        return self._process.wait(within)

    def quit(self):
        """End gracefully; return the exit status."""
        self.signal(signal.SIGQUIT)
        return self.wait()

    def stop(self):
        """End at once, and leave no process and no file."""
        if self._process is not None:
            self._end()
        shutil.rmtree(self.prefix, ignore_errors=True)

    def _end(self):
        family = []
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.pid).children(recursive=True)
        if self.running():
            self.signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP)
        if self.running():
            self._process.kill()
            self._process.wait(STOP)
        for process in psutil.wait_procs(family, timeout=STOP)[1]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def error_log(self):
        """Return the error log and whatever was printed, as text."""
        files = [self._output, self.prefix / "logs" / "error.log"]
        return "".join(file.read_text("latin-1") for file in files if file.exists())

    def access_log(self, name="access.log"):
        """Return the lines of the access log."""
        file = self.prefix / "logs" / name
        return file.read_text("latin-1").splitlines() if file.exists() else []

    def memory(self):
        """Return the resident octets of the largest child."""
        return max(psutil.Process(child).memory_info().rss for child in self.children())


class Proxy(Server):
    """forkproxy, as `forkproxy start` runs it in the foreground."""

    name = "forkproxy"
    attendants = 1  # the keeper

    @staticmethod
    def installed():
        return True

    def command(self):
        start = [sys.executable, "-m", "forkproxy", "start"]
        where = ["-c", str(self.conf), "-p", str(self.prefix)]
        return [*start, *where, "--workers", str(self.workers)]


class Nginx(Server):
    """The real nginx, where it is installed."""

    name = "nginx"

    @staticmethod
    def binary():
        return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")

    @classmethod
    def installed(cls):
        return cls.binary() is not None

    @classmethod
    def version(cls):
        """Return (1, 22, 1)."""
        told = subprocess.run([cls.binary(), "-v"], capture_output=True, text=True, check=True)
        return tuple(map(int, re.search(r"nginx/([\d.]+)", told.stderr)[1].split(".")))

    def write(self, conf):
        # A distribution's build has its temporary folders and its log where only root may write.
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = " ".join(f"{kind}_temp_path {self.prefix}/{kind};" for kind in kinds)
        local = f"{temporary} access_log logs/access.log;"
        super().write(re.sub(r"(?m)^(\s*http\s*\{)", rf"\1 {local}", conf, count=1))

    def command(self):
        main = f"daemon off; worker_processes {self.workers}; pid {self.prefix}/logs/nginx.pid;"
        if os.geteuid() == 0:
            main += " user root;"
        where = ["-p", str(self.prefix), "-c", str(self.conf), "-e", "logs/error.log"]
        return [self.binary(), *where, "-g", main]

    def environment(self):
        return None


def serving(*server, http="", main=""):
    """Return a configuration of one server on %PORT%, with the directives given."""
    inside = "\n        ".join(server)
    return f"""\
{main}
events {{ worker_connections 512; }}
http {{
    {http}
    server {{
        listen %PORT%;
        {inside}
    }}
}}
"""
