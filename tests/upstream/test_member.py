from forkproxy.upstream.member import Member, cells_name, unpack
from tests.support.configuration import level


def server(text):
    (line,) = level("upstream", f"server {text}; server b;").own("server")[:1]
    return line.value


def test_a_member_survives_as_a_message():
    member = Member(3, server("app:81 weight=2 route=r max_fails=0 backup"), "10.0.0.1:81", 1, "k")
    assert unpack(member.pack()) == member


def test_a_peer_found_by_a_name_has_what_its_line_says():
    line = Member(0, server("app resolve weight=2"))
    found = line.at(5, "10.0.0.1:80", weight=7)
    assert line.is_name
    assert (found.id, found.parent, found.address) == (5, 0, "10.0.0.1:80")
    assert (found.server.weight, found.server.name) == (7, "app")


def test_two_peers_at_one_address_are_told_apart():
    first = Member(0, server("127.0.0.1"), "127.0.0.1:80").told_apart([])
    second = Member(1, server("127.0.0.1"), "127.0.0.1:80").told_apart([first])
    assert cells_name("u", first) == "u/127.0.0.1:80"
    assert cells_name("u", second) == "u/127.0.0.1:80#1"
