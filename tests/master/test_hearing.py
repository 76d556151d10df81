import pytest

from forkproxy.master.desk import Desk
from forkproxy.master.events import Failed, Heavy, Ready
from forkproxy.master.hearing import understand
from tests.support.holdings import House


@pytest.fixture
def house(tmp_path):
    with House(tmp_path) as house:
        house.serve()
        house.desk = Desk(house.holdings, lambda _command, _client: None)
        house.answers = []
        yield house


def say(house, **message):
    return understand(50, message, house.holdings, house.desk)


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ({"event": "ready"}, Ready(50)),
        ({"event": "failed", "text": "why"}, Failed(50, "why")),
        ({"event": "heavy", "text": "900 MiB"}, Heavy(50, "900 MiB")),
        ({"event": "draining"}, None),
        ({"event": "of a later version"}, None),
        ({}, None),
    ],
)
def test_the_supervisor_is_told_what_it_decides_on(house, said, event):
    assert say(house, **said) == event


def test_a_question_of_a_worker_is_answered(house):
    house.worker(50)
    call = {"number": 9, "method": "GET", "path": "/api/", "query": "", "body": ""}
    say(house, event="asked", write=False, address="10.0.0.1", **call)
    (answer,) = house.told(50)
    assert (answer["order"], answer["number"], answer["status"]) == ("answered", 9, 200)


def test_what_the_keeper_says_of_certificates_is_shown(house):
    row = {"names": ["a.example"], "expires": 0.0, "issuer": "x", "state": "waiting"}
    say(house, event="certificates", found=[row])
    (shown,) = house.desk.status()["certificates"]
    assert shown["name"] == "a.example"


def test_new_certificates_are_told_to_every_worker(house):
    house.worker(50)
    say(house, event="issued")
    assert house.told(50) == [{"order": "certificates"}]


def test_addresses_of_a_name_that_nobody_has_any_more_are_dropped(house):
    found = {"generation": 9, "id": 0, "upstream": "none", "found": []}
    assert say(house, event="names", **found) is None
