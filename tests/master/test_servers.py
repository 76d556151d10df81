import pytest

from forkproxy.master import servers as verbs
from forkproxy.master.reply import Refused
from forkproxy.shared.scoreboard import Order, PeerCell
from tests.support.administration import WORKER_ROW, Master, server, upstream

A, B = "10.0.0.1:80", "10.0.0.2:80"


@pytest.fixture
def master():
    return Master(upstreams=[upstream("api", server(A, weight=5), B), upstream("lone", A)])


def one(master, word=A, name="api"):
    return verbs.one_of(master.roster, master.counted, name, word)


def code(act, *arguments, **given):
    with pytest.raises(Refused) as refused:
        act(*arguments, **given)
    return refused.value.code


def test_a_server_is_shown_as_it_is_now(master):
    first = one(master).first
    master.cells.board.add(WORKER_ROW, first + PeerCell.PEER_ACTIVE, 2)
    found = one(master)
    assert (found.state, found.weight, found.active(master.counted)) == ("up", 5, 2)


def test_what_there_is_not_is_told(master):
    assert code(one, master, A, "none") == "UpstreamNotFound"
    assert code(one, master, "10.0.0.9:80") == "UpstreamServerNotFound"


def test_a_weight_of_nothing_drains_and_another_ends_that(master):
    verbs.weigh(master.roster, master.counted, one(master), 0)
    assert one(master).state == "draining"
    verbs.weigh(master.roster, master.counted, one(master), 2)
    assert (one(master).state, one(master).weight) == ("up", 2)
    verbs.weigh(master.roster, master.counted, one(master), 5)
    assert master.roster.changes() == {}
    assert (
        code(verbs.weigh, master.roster, master.counted, one(master), 70_000) == "UpstreamBadWeight"
    )


def test_the_last_server_is_not_taken_out(master):
    assert code(verbs.refuse_the_last, master.roster, master.counted, one(master, A, "lone"))
    verbs.refuse_the_last(master.roster, master.counted, one(master))
    verbs.order(master.roster, master.counted, one(master), Order.ORDER_DOWN)
    last = one(master, B)
    assert code(verbs.refuse_the_last, master.roster, master.counted, last) == "UpstreamLastServer"
    verbs.refuse_the_last(master.roster, master.counted, one(master))
    order = (verbs.order, master.roster, master.counted, last, Order.ORDER_DRAIN)
    assert code(*order) == "UpstreamLastServer"
    verbs.order(*order[1:], force=True)
    assert one(master, B).state == "draining"


def test_a_changed_weight_is_what_holds(master):
    verbs.weigh(master.roster, master.counted, one(master), 2)
    line = verbs.line_of({"weight": 7}, one(master).line, resolver=False)
    verbs.change(master.roster, one(master), line)
    assert one(master).weight == 7


def test_a_line_is_made_of_what_an_api_is_given():
    line = verbs.line_of(
        {"server": "10.0.0.9", "weight": 2, "fail_timeout": "5s", "slow_start": 30, "backup": True},
        None,
        resolver=False,
    )
    assert (line.name, line.address.text) == ("10.0.0.9:80", "10.0.0.9:80")
    assert (line.weight, line.fail_timeout, line.slow_start, line.backup) == (2, 5.0, 30.0, True)
    assert verbs.line_of({"server": "app.example"}, None, resolver=True).resolve


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "UpstreamBadAddress"),
        ({"server": 5}, "UpstreamBadAddress"),
        ({"server": "10.0.0.1:99999"}, "UpstreamBadAddress"),
        ({"server": "app.example"}, "UpstreamConfNoResolver"),
        ({"server": A, "weight": 0}, "UpstreamBadWeight"),
        ({"server": A, "weight": "2"}, "UpstreamBadWeight"),
        ({"server": A, "weight": True}, "UpstreamBadWeight"),
        ({"server": A, "weight": 70_000}, "UpstreamBadWeight"),
        ({"server": A, "max_conns": -1}, "UpstreamBadMaxConns"),
        ({"server": A, "max_fails": 1.5}, "UpstreamBadMaxFails"),
        ({"server": A, "fail_timeout": "x"}, "UpstreamBadFailTimeout"),
        ({"server": A, "slow_start": None}, "UpstreamBadSlowStart"),
        ({"server": A, "route": "x" * 33}, "UpstreamBadRoute"),
        ({"server": A, "service": ""}, "UpstreamBadService"),
        ({"server": A, "backup": "yes"}, "UpstreamConfFormatError"),
    ],
)
def test_a_value_that_makes_no_sense_has_its_code(given, expected):
    assert code(verbs.line_of, given, None, resolver=False) == expected


def test_a_server_that_is_there_is_not_added_again(master):
    line = verbs.line_of({"server": A}, None, resolver=False)
    assert code(verbs.add, master.roster, "api", line) == "EntryExists"
