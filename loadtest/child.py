"""Children: started on a core, in a session of their own, and ended whatever happens.

Each gets SIGTERM from the kernel should this program be killed (prctl(2), PR_SET_PDEATHSIG), and
a session, so that what it leaves behind can be found. Nothing is ever ended by its name.
"""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from loadtest import proc

_GRACE = 5.0  # seconds between SIGTERM and SIGKILL


@dataclass(frozen=True, slots=True)
class Cores:
    """Which core the measured proxy has, and which all the others share."""

    proxy: int
    load: int

    @classmethod
    def available(cls) -> Self:
        """Return the first and the last core this program may use; the same where it has one."""
        cores = sorted(os.sched_getaffinity(0))
        return cls(proxy=cores[0], load=cores[-1])

    @property
    def shared(self) -> bool:
        """Tell whether the load disturbs what it measures."""
        return self.proxy == self.load


class Child:
    """A running program, until the `with` ends.

    Attributes:
        command: its words, as a person would type them.
        output: the file that has its standard output and error.
        pid: also the id of its session.
    """

    def __init__(
        self,
        command: Sequence[str],
        core: int | str,
        output: Path,
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.command = list(command)
        self.output = output
        output.unlink(missing_ok=True)
        # Both replace themselves with what they start, so the pid is the program's own.
        bound = ["setpriv", "--pdeathsig", "TERM", "taskset", "-c", str(core)]
        with output.open("ab") as sink:
            self.process = subprocess.Popen(
                [*bound, *command],
                cwd=folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self.process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def alive(self) -> bool:
        """Tell whether it still runs."""
        return self.process.poll() is None

    def wait(self, timeout: float) -> int:
        """Wait for it to end by itself; return its status. Raises subprocess.TimeoutExpired."""
        return self.process.wait(timeout)

    def through(self, seconds: float, late: float, midway: Callable[[], None]) -> str:
        """Wait for it to end by itself; return its output.

        `midway` is called once, when half of the seconds are over or it has ended. Raises
        subprocess.TimeoutExpired when it takes longer by more than `late` seconds.
        """
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(seconds / 2)
        midway()
        self.wait(seconds + late)
        return self.said()

    def said(self) -> str:
        """Return its output so far."""
        return self.output.read_text("utf-8", "replace")

    def end(self) -> None:
        """End it and all it has started. May be called again."""
        if self.alive():
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_GRACE)
        for process in proc.living(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        self.process.wait(_GRACE)
