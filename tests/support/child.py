"""One child of a master that is the test itself.

A Child forks, runs a function of a Life in the new process, and keeps the master's end of the
channel and the scoreboard.
"""

import os
import select
import signal

from forkproxy.child.life import Life
from forkproxy.shared import cells, signals
from forkproxy.shared.channel import pair
from forkproxy.shared.errorlog import Level, Target, log
from forkproxy.shared.logfile import files
from forkproxy.shared.scoreboard import Row
from tests.support.eventually import PATIENCE, eventually

ROW = int(Row.FIRST_WORKER)


class Child:
    """Runs `function(life)`, whose result is the exit code, until the `with` ends."""

    def __init__(self, function, folder, peers=(), row=ROW, made=None):
        self.cells = made or cells.make(4)
        self.cells.directory.allot(peers)
        self.cells.board.claim(row)
        self.log = folder / "error.log"
        self.row = row
        self._channel, theirs = pair()
        signals.hold()
        self.pid = os.fork()  # noqa: TID251 (a test is the master here)
        if self.pid == 0:
            self._live(function, theirs)
        signals.release()
        theirs.close()
        self._code = None

    def _live(self, function, theirs):
        code = 99
        try:
            self._channel.close()
            log.send_to([Target(files.open(str(self.log)), Level.DEBUG)])
            life = Life(theirs, self.cells.of(self.row))
            life.begin("of a test")
            code = function(life)
        except BaseException as error:
            log.bug("in the child", error)
        finally:
            os._exit(code)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self._channel.close()

    def tell(self, order, descriptors=(), **fields):
        """Give an order."""
        self._channel.send({"order": order, **fields}, descriptors)

    def heard(self, event, within=PATIENCE):
        """Return the next message about an event."""
        while select.select([self._channel], [], [], within)[0]:
            found = self._channel.receive()
            assert found is not None, f"the child ended: {self.log.read_text()}"
            if found[0]["event"] == event:
                return found[0]
        raise AssertionError(f"nothing of {event}")

    def orphan(self):
        """Close our end, as the death of the master does."""
        self._channel.close()

    def signal(self, number):
        os.kill(self.pid, number)

    def exit_code(self, within=PATIENCE):
        """Wait for its end; return how it ended."""

        def ended():
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
            return pid

        eventually(ended, within, "the child ends")
        return self._code
