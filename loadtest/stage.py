"""A place to measure in: a temporary folder, an origin, two cores, and proxies started on demand.

Everything lies in memory (/dev/shm), so that no disk is measured, and is gone at the end.
"""

import contextlib
import resource
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from loadtest.address import free_ports
from loadtest.child import Cores
from loadtest.origin import Origin, origin
from loadtest.proxies import Kind, Running
from loadtest.site import FORWARDED, Site, Task, make_certificate

_MEMORY = Path("/dev/shm")


@dataclass(slots=True)
class Stage:
    """Where proxies are started.

    Attributes:
        folder: of this run.
        log: whether the proxies write access logs.
    """

    folder: Path
    cores: Cores
    origin: Origin
    log: bool
    _started: int = 0

    @contextlib.contextmanager
    def running(
        self, kind: Kind, *, http: str = "", location: str = "", task: Task = FORWARDED
    ) -> Iterator[Running]:
        """Run a proxy in a folder of its own, with directives added where it reads nginx.conf."""
        self._started += 1
        folder = self.folder / f"{self._started}-{kind.name}"
        folder.mkdir()
        port, control = free_ports(2)
        site = Site(folder, port, control, self.origin, self.log, http, location, task)
        if task.secure:
            make_certificate(folder)
        with kind.running(site, self.cores.proxy) as proxy:
            yield proxy


@contextlib.contextmanager
def stage(*, log: bool, keep: bool) -> Iterator[Stage]:
    """Set the stage while the `with` lasts; `keep` leaves its folder, and says where it is."""
    _may_open_many_files()
    cores = Cores.available()
    if cores.shared:
        print("one core only: the load disturbs what it measures", file=sys.stderr)
    folder = Path(tempfile.mkdtemp(prefix="loadtest-", dir=_MEMORY if _MEMORY.is_dir() else None))
    try:
        with _interruptible(), origin(folder, cores.load) as there:
            yield Stage(folder, cores, there, log)
    finally:
        if keep:
            print(f"configurations and logs are in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM end this program as Ctrl-C does: through every `with`, ending the children."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _may_open_many_files() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
