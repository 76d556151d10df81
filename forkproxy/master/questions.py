"""What locations with `api` are asked: a worker carries it here, and the answer back."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from forkproxy.master.api import routes
from forkproxy.master.api.call import Call
from forkproxy.master.api.http import body_of
from forkproxy.master.commands import Master
from forkproxy.master.reply import Reply
from forkproxy.shared.channel import Message

# To a pid, with descriptors; one that is gone does not hear it.
Tell = Callable[[int, Message, Sequence[int]], None]
FAILED = Reply("internal error", status=500)


class Questions:
    """The questions of workers that have no answer yet, by the number that stands for a client."""

    def __init__(self, master: Master, next_number: Callable[[], int], tell: Tell) -> None:
        self._master = master
        self._next_number = next_number
        self._tell = tell
        self._open: dict[int, tuple[int, int]] = {}  # pid, and the worker's own number

    def ask(self, pid: int, message: Message) -> None:
        """Ask what a worker wants to know; it gets the answer at once, or by answer()."""
        client = self._next_number()
        self._open[client] = (pid, int(message["number"]))
        call = Call(
            self._master,
            client,
            str(message["method"]),
            str(message["path"]),
            str(message["query"]),
            str(message["body"]).encode("latin-1"),
            write=bool(message["write"]),
            address=str(message["address"]),
        )
        try:
            reply = routes.answer(call)
        except BaseException:
            self.answer(client, FAILED)
            raise
        if reply is not None:
            self.answer(client, reply)

    def answer(self, client: int, reply: Reply) -> bool:
        """Answer one of them; False where the number stands for nobody here."""
        found = self._open.pop(client, None)
        if found is None:
            return False
        pid, number = found
        answer: Message = {
            "order": "answered",
            "number": number,
            "status": reply.status,
            "type": reply.content_type,
        }
        if reply.file is not None:
            # However long it is, neither we nor the worker read it.
            answer["length"] = os.fstat(reply.file.fileno()).st_size
            self._tell(pid, answer, (reply.file.fileno(),))
        else:
            self._tell(pid, answer | {"body": body_of(reply).decode()}, ())
        return True

    def forget(self, pid: int) -> None:
        """Drop the questions of a worker that is gone."""
        self._open = {client: who for client, who in self._open.items() if who[0] != pid}
