import pytest

from forkproxy.master.lines.target import done, server_of
from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Refused
from tests.support.administration import Master, upstream

A = "10.0.0.1:80"


@pytest.fixture
def master():
    return Master(upstreams=[upstream("be", A)])


@pytest.mark.parametrize("name", [A, "#0"])
def test_a_server_is_called_by_its_address_or_number(master, name):
    assert server_of(Line(master, 7, ["x", f"be/{name}"]), 1).member.address == A


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("", "Require 'backend/server'."),
        ("be/", "Require 'backend/server'."),
        ("no/x", "No such backend."),
        ("be/x", "No such server."),
    ],
)
def test_what_is_not_there_is_refused_in_haproxys_words(master, word, text):
    with pytest.raises(Refused) as refused:
        server_of(Line(master, 7, [word]), 0)
    assert refused.value.text == text


def test_the_answer_waits_for_workers_that_are_behind(master):
    line = Line(master, 7, [])
    assert done(line, "text").text == "text"
    master.behind = [3]
    assert done(line) is None
