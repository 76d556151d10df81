"""The end of the master: first the workers, then the keeper, then itself."""

from __future__ import annotations

from forkproxy.master.decisions.children import Children
from forkproxy.master.decisions.reload import Reload
from forkproxy.master.decisions.situation import Situation, State
from forkproxy.master.decisions.upgrade import Upgrade
from forkproxy.master.events import CloseListeners, Exit, Notice, Notify

START_FAILED = 3  # exit code


class Ending:
    """Ends everything, gracefully or at once."""

    def __init__(
        self, situation: Situation, children: Children, reload: Reload, upgrade: Upgrade
    ) -> None:
        self._situation = situation
        self._children = children
        self._reload = reload
        self._upgrade = upgrade
        self._graceful = False
        self._listening = True
        self._code = 0

    def quit(self) -> None:
        """Let the workers finish, then end."""
        if self._situation.state is State.STOPPING:
            return
        self._begin()
        self._graceful = True
        for child in self._situation.all_workers():
            self._children.drain(child)
        self._close_listeners()
        self.go_on()

    def stop(self) -> None:
        """End all at once, those too that are about to finish."""
        if self._situation.state is State.STOPPING and not self._graceful:
            return
        self._begin()
        self._graceful = False
        for child in self._situation.children.values():
            self._children.end_fast(child)
        self._close_listeners()
        self.go_on()

    def fail_start(self) -> None:
        """End because the first generation does not come up."""
        self._code = START_FAILED
        self.stop()

    def give_way(self) -> None:
        """Let the workers finish, then end: the listeners are a new master's now."""
        self._listening = False
        self.quit()

    def go_on(self) -> None:
        """Let the keeper go when no worker is left, and the master when nobody is."""
        if self._children.nobody():
            self._situation.do(Exit(self._code))
        elif not self._situation.all_workers():
            for child in self._situation.keepers():
                self._children.drain(child)

    def _begin(self) -> None:
        if self._situation.state is State.STOPPING:
            return
        self._situation.state = State.STOPPING
        self._children.cancel_all()
        waiting = self._reload.stop() + self._upgrade.stop()
        self._situation.answer(waiting, "the master stops", done=False)
        self._situation.do(Notify(Notice.STOPPING))

    def _close_listeners(self) -> None:
        if self._listening:
            self._listening = False
            self._situation.do(CloseListeners())
