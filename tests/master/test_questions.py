import itertools
import json

from forkproxy.master.questions import Questions
from forkproxy.master.reply import Reply
from tests.support.administration import Master


class Desk:
    """Questions, with what is told to workers kept."""

    def __init__(self):
        self.told = []
        numbers = itertools.count(40)
        self.master = Master()
        self.questions = Questions(
            self.master,
            lambda: next(numbers),
            lambda pid, message, descriptors: self.told.append((pid, message)),
        )

    def ask(self, path, method="GET", number=5):
        message = {"number": number, "method": method, "path": path, "query": "", "body": ""}
        self.questions.ask(3, message | {"write": True, "address": "10.0.0.1"})


def test_an_answer_goes_back_to_the_worker_with_its_number():
    desk = Desk()
    desk.ask("/api/9/nginx")
    ((pid, message),) = desk.told
    assert pid == 3
    assert (message["order"], message["number"], message["status"]) == ("answered", 5, 200)
    assert json.loads(message["body"])["address"] == "10.0.0.1"


def test_an_answer_that_takes_time_goes_back_when_it_is_there():
    desk = Desk()
    desk.ask("/api/9/forkproxy/reload", "POST")
    assert desk.told == []
    ((_, client),) = desk.master.asked
    assert desk.questions.answer(client, Reply("done"))
    assert json.loads(desk.told[0][1]["body"]) == {"done": True, "text": "done"}
    assert not desk.questions.answer(client, Reply("again"))


def test_a_worker_that_is_gone_gets_no_answer():
    desk = Desk()
    desk.ask("/api/9/forkproxy/reload", "POST")
    desk.questions.forget(3)
    ((_, client),) = desk.master.asked
    assert not desk.questions.answer(client, Reply("done"))
