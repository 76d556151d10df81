"""What a worker asks the master, and waits for.

Few and rare: what the API of a location is asked. The worker's end of the channel is connected
here when its life begins; the features above know no channel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from forkproxy.net import tasks
from forkproxy.shared.channel import close_all

PATIENCE = 5.0  # seconds

Question = dict[str, Any]
Send = Callable[[int, Question], None]  # the number of a question, and itself


@dataclass(slots=True)
class _Waiting:
    event: tasks.Event = field(default_factory=tasks.Event)
    answer: dict[str, Any] | None = None
    descriptors: Sequence[int] = ()


class Inquiries:
    """The questions of this process that have no answer yet."""

    def __init__(self) -> None:
        self._send: Send | None = None
        self._waiting: dict[int, _Waiting] = {}
        self._number = 0

    def connect(self, send: Send) -> None:
        """Send questions by this from now on."""
        self._send = send

    def ask(self, question: Question) -> dict[str, Any] | None:
        """Return the master's answer; None where there is none in time. Waits."""
        if self._send is None:
            return None
        self._number += 1
        number = self._number
        waiting = self._waiting[number] = _Waiting()
        try:
            self._send(number, question)
            waiting.event.wait(PATIENCE)
        except BaseException:
            close_all(waiting.descriptors)
            raise
        finally:
            del self._waiting[number]
        if waiting.answer is not None and waiting.descriptors:
            return waiting.answer | {"file": waiting.descriptors[0]}
        return waiting.answer

    def answered(
        self, number: int, answer: dict[str, Any], descriptors: Sequence[int] = ()
    ) -> None:
        """Take an answer; one that nobody waits for any more is dropped.

        Who gets it owns the "file" in it, whose content it is where it has no "body".
        """
        waiting = self._waiting.get(number)
        if waiting is None:
            close_all(descriptors)
            return
        waiting.answer, waiting.descriptors = answer, descriptors
        waiting.event.set()


inquiries = Inquiries()
