from forkproxy.shared import cells
from forkproxy.shared.scoreboard import PeerCell
from forkproxy.upstream.member import Member
from tests.support.configuration import level
from tests.support.peers import chosen, peer, upstream


def member(number, text, address=""):
    (line,) = level("upstream", f"server {text};").own("server")
    return Member(number, line.value, address)


def test_a_member_that_comes_takes_its_turn():
    one = upstream("10.0.0.1", "10.0.0.2")
    one.put(member(2, "10.0.0.3 weight=2", "10.0.0.3:80"))
    assert sorted(chosen(one, 4)) == ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.3"]


def test_a_member_that_goes_is_not_chosen_any_more():
    one = upstream("10.0.0.1", "10.0.0.2")
    gone = peer(one, "10.0.0.1")
    one.drop(0)
    assert set(chosen(one, 4)) == {"10.0.0.2"}
    assert gone.dropped


def test_a_member_that_changes_is_the_same_peer():
    one = upstream("10.0.0.1", "10.0.0.2")
    before = peer(one, "10.0.0.1")
    one.put(member(0, "10.0.0.1 weight=3", "10.0.0.1:80"))
    assert peer(one, "10.0.0.1") is before
    assert chosen(one, 8).count("10.0.0.1") == 6


def test_a_member_with_another_address_is_another_peer():
    one = upstream("10.0.0.1", "10.0.0.2")
    one.put(member(0, "10.0.0.9", "10.0.0.9:80"))
    assert sorted(chosen(one, 2)) == ["10.0.0.2", "10.0.0.9"]


def test_a_name_is_a_member_and_no_peer():
    one = upstream("10.0.0.1")
    one.put(member(1, "app resolve"))
    assert chosen(one, 2) == ["10.0.0.1", "10.0.0.1"]
    assert one.members[1].is_name


def test_a_peer_that_comes_later_brings_its_columns():
    made = cells.make(1)
    one = upstream("10.0.0.1", "10.0.0.2")
    made.directory.allot(["u/10.0.0.1:80", "u/10.0.0.2:80"])
    one.attach(made)
    one.put(member(2, "10.0.0.3", "10.0.0.3:80"), 4096)
    peer(one, "10.0.0.3").fail()
    assert made.board.total(4096 + PeerCell.PEER_FAILS) == 1


def test_backups_serve_when_nobody_else_does():
    one = upstream("10.0.0.1", "10.0.0.2", "10.0.0.3 backup", "10.0.0.4 backup")
    peer(one, "10.0.0.1").fail()
    assert set(chosen(one, 4)) == {"10.0.0.2"}
    peer(one, "10.0.0.2").fail()
    assert sorted(chosen(one, 2)) == ["10.0.0.3", "10.0.0.4"]


def test_a_peer_is_asked_once_by_a_request():
    one = upstream("10.0.0.1", "10.0.0.2")
    first = one.choose()
    second = one.choose(None, [first])
    assert {first.name, second.name} == {b"10.0.0.1", b"10.0.0.2"}
    assert one.choose(None, [first, second]) is None


def test_a_peer_that_is_down_is_not_chosen():
    one = upstream("10.0.0.1 down", "10.0.0.2")
    assert set(chosen(one, 3)) == {"10.0.0.2"}
    assert upstream("10.0.0.1 down").choose() is None
