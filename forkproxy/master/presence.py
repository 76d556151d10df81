"""How the world outside knows us: the pid file, systemd, and the terminal of a daemon."""

from __future__ import annotations

from forkproxy.child.contract import Generation
from forkproxy.master import systemd
from forkproxy.master.daemon import Terminal, error_file, redirect_errors
from forkproxy.master.events import Notice
from forkproxy.master.pidfile import PidFile


class Presence:
    """What is told of the master to those who wait for it."""

    def __init__(self, terminal: Terminal | None) -> None:
        """`terminal` is where a daemon was started."""
        self._terminal = terminal
        self._pidfile = PidFile("")

    def begin(self, generation: Generation) -> None:
        """Write the pid file. Raises PidFileError."""
        self._pidfile = PidFile(generation.settings.pid_path)
        self._pidfile.write()

    def move(self, generation: Generation) -> None:
        """Have the pid file where another generation wants it. Raises PidFileError."""
        self._pidfile.move(generation.settings.pid_path)

    def step_aside(self) -> None:
        """Leave the pid file's name to a new master."""
        self._pidfile.step_aside()

    def step_back(self) -> None:
        """Have the pid file's name again: the new master is gone."""
        self._pidfile.step_back()

    def notify(self, notice: Notice, generation: Generation | None) -> None:
        """Say what the master is about; `generation` is the one that serves."""
        if notice is Notice.READY:
            systemd.ready()
            if self._terminal is not None and generation is not None:
                self._terminal.tell(0)
                redirect_errors(error_file(generation.targets))
        elif notice is Notice.RELOADING:
            systemd.reloading()
        else:
            systemd.stopping()

    def leave(self, generation: Generation) -> None:
        """Keep nobody waiting: in a child."""
        if self._terminal is not None:
            self._terminal.close()
            # Whoever waits for the end of a daemon's stderr (ssh, a pipe) waits for all of us.
            redirect_errors(error_file(generation.targets))

    def end(self, code: int) -> None:
        """Leave no trace but an exit code."""
        self._pidfile.remove()
        if self._terminal is not None:
            self._terminal.tell(code)
