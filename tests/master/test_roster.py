import pytest

from forkproxy.config.directives.upstream import UpstreamZone
from forkproxy.shared.scoreboard import Cell, Order, Row, StandingCell
from forkproxy.upstream.peer import state_of
from tests.support.administration import Master, server, upstream

A, B, C = "10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"


def api(*lines):
    return upstream("api", *(lines or (A, B)))


@pytest.fixture
def master():
    return Master(upstreams=[api()])


def addresses(master):
    return [member.address for member in master.roster.members("api")]


def state(master, word):
    roster = master.roster
    member = roster.find("api", word)
    return state_of(master.cells, roster.column("api", member), member.server)


def again(master, *lines):
    """Return another master, with what this one had kept and perhaps other lines."""
    other = Master()
    other.roster.restore(dict(master.kept))
    other.load(2, [api(*lines)])
    return other


def test_servers_are_found_by_name_address_and_id(master):
    for word in (B, "#1"):
        assert master.roster.find("api", word).id == 1
    with pytest.raises(KeyError):
        master.roster.find("api", "#7")
    with pytest.raises(KeyError):
        master.roster.members("none")


def test_an_order_is_seen_kept_and_made_again(master):
    master.roster.order("api", master.roster.find("api", A), Order.ORDER_DRAIN)
    assert state(master, A) == "draining"
    assert state(again(master), A) == "draining"
    assert master.told == []


def test_an_order_that_is_taken_back_is_forgotten(master):
    peer = master.roster.find("api", A)
    master.roster.order("api", peer, Order.ORDER_DOWN)
    master.roster.order("api", peer, Order.ORDER_UP)
    assert state(master, A) == "up"
    assert master.kept == {}


def test_a_line_that_says_down_can_be_ordered_up():
    master = Master(upstreams=[api(server(A, down=True), B)])
    assert state(master, A) == "down"
    master.roster.order("api", master.roster.find("api", A), Order.ORDER_UP)
    assert state(master, A) == "up"
    assert state(again(master, server(A, down=True), B), A) == "up"


def test_the_file_wins_where_the_line_is_another(master):
    master.roster.order("api", master.roster.find("api", A), Order.ORDER_DRAIN)
    master.roster.order("api", master.roster.find("api", B), Order.ORDER_DRAIN)
    other = again(master, server(A, weight=2), B)
    assert state(other, A) == "up"
    assert state(other, B) == "draining"
    assert [key for _, key in other.roster.changes()] == [B]


def test_a_weight_is_given_and_counted_up(master):
    peer = master.roster.find("api", A)
    master.roster.weigh("api", peer, 5)
    assert master.roster.ordered("api", peer) == (0, 5)
    assert master.cells.board.value(Row.MASTER, Cell.WEIGHTS_GIVEN) == 1
    other = again(master)
    assert other.roster.ordered("api", other.roster.find("api", A)) == (0, 5)


def test_a_server_that_is_added_is_told_and_comes_again_after_a_reload(master):
    member = master.roster.add("api", server(C, weight=3))
    assert member.id == 2
    (told,) = master.told
    assert (told["order"], told["number"], told["upstream"]) == ("peers", 1, "api")
    assert [packed["address"] for packed in told["steps"]["1"]["put"]] == [C]
    assert told["steps"]["1"]["put"][0]["first"] == master.cells.peer(f"api/{C}")
    other = again(master)
    assert addresses(other) == [A, B, C]
    assert other.roster.find("api", C).server.weight == 3


def test_an_id_is_not_given_twice(master):
    master.roster.remove("api", master.roster.add("api", server(C)))
    assert master.roster.add("api", server(C)).id == 3


def test_a_server_that_the_file_has_by_now_is_added_no_more(master):
    master.roster.add("api", server(C, weight=3))
    other = again(master, A, B, C)
    assert addresses(other) == [A, B, C]
    assert other.roster.find("api", C).server.weight == 1
    assert other.roster.changes() == {}


def test_a_server_is_there_only_once(master):
    with pytest.raises(ValueError, match="10"):
        master.roster.add("api", server(A))
    assert master.told == []
    assert master.kept == {}


def test_a_server_that_is_removed_stays_away_until_its_line_is_another(master):
    master.roster.remove("api", master.roster.find("api", A))
    assert addresses(master) == [B]
    assert addresses(again(master)) == [B]
    assert addresses(again(master, server(A, weight=2), B)) == [A, B]


def test_a_server_that_was_removed_can_be_added_again(master):
    master.roster.remove("api", master.roster.find("api", A))
    master.roster.add("api", server(A))
    assert addresses(again(master)) == [A, B]


def test_a_change_is_made_again_after_a_reload(master):
    master.roster.change("api", master.roster.find("api", A), server(A, max_conns=7))
    assert again(master).roster.find("api", A).server.max_conns == 7
    assert again(master, server(A, max_conns=9), B).roster.find("api", A).server.max_conns == 9


def test_another_address_keeps_the_id_and_the_old_one_stays_away(master):
    changed = master.roster.change("api", master.roster.find("api", A), server(C))
    assert (changed.id, changed.address) == (0, C)
    assert addresses(master) == [C, B]
    assert sorted(addresses(again(master))) == [B, C]


def test_each_generation_is_told_in_its_own_ids():
    master = Master(upstreams=[api(A, B)])
    newer = api(B, A)
    master.cells.directory.allot(master.roster.names([newer]))
    master.roster.adopt(2, [newer], {})
    master.roster.remove("api", master.roster.find("api", A))
    steps = master.told[0]["steps"]
    assert (steps["1"]["drop"], steps["2"]["drop"]) == ([0], [1])


def test_a_generation_that_never_served_forgets_nothing(master):
    master.roster.order("api", master.roster.find("api", A), Order.ORDER_DRAIN)
    failed = api(server(A, weight=9), B)
    master.cells.directory.allot(master.roster.names([failed]))
    master.roster.adopt(2, [failed], {})
    master.roster.retire(2)
    assert state(master, A) == "draining"
    assert len(master.roster.changes()) == 1


def test_what_is_removed_is_told_by_name(master):
    assert master.roster.removed() == set()
    master.roster.remove("api", master.roster.find("api", A))
    assert master.roster.removed() == {f"api/{A}"}


def test_a_removed_server_that_is_busy_is_a_zombie(master):
    peer = master.roster.find("api", A)
    column = master.roster.column("api", peer)
    master.cells.board.standing_add(column, StandingCell.STANDING_IN_FLIGHT, 1)
    master.roster.remove("api", peer)
    assert master.roster.zombies("api") == 1
    master.cells.board.standing_add(column, StandingCell.STANDING_IN_FLIGHT, -1)
    assert master.roster.zombies("api") == 0


def test_a_peer_that_nobody_has_any_more_is_unused_once_it_is_idle(master):
    assert master.roster.unused([]) == []
    peer = master.roster.find("api", A)
    column = master.roster.column("api", peer)
    master.cells.board.standing_add(column, StandingCell.STANDING_IN_FLIGHT, 1)
    master.roster.remove("api", peer)
    master.roster.restore({})
    assert master.roster.unused([]) == []
    master.cells.board.standing_add(column, StandingCell.STANDING_IN_FLIGHT, -1)
    master.load(2, [upstream("api", B)])
    assert master.roster.unused([f"api/{A}"]) == []
    assert master.roster.unused([]) == [f"api/{A}"]


def test_the_addresses_of_a_name_come_and_go(master):
    name = master.roster.add("api", server("app.example:80", resolve=True))
    assert name.is_name
    master.roster.found(1, "api", name.id, [{"address": A[:-1] + "1"}, {"address": C, "weight": 4}])
    assert master.roster.find("api", C).parent == name.id
    assert master.roster.find("api", C).server.weight == 4
    told = len(master.told)
    master.roster.found(1, "api", name.id, [{"address": A[:-1] + "1"}, {"address": C, "weight": 4}])
    assert len(master.told) == told
    master.roster.found(1, "api", name.id, [])
    assert addresses(master) == [A, B, ""]


def test_an_address_that_a_name_has_twice_is_two_peers(master):
    name = master.roster.add("api", server("app.example:80", resolve=True))
    twice = [{"address": C, "weight": 4}, {"address": C, "weight": 4}]
    master.roster.found(1, "api", name.id, twice)
    assert addresses(master) == [A, B, "", C, C]
    told = len(master.told)
    master.roster.found(1, "api", name.id, twice)
    assert len(master.told) == told
    master.roster.found(1, "api", name.id, twice[1:])
    assert addresses(master) == [A, B, "", C]


def test_an_address_of_a_name_is_not_mistaken_for_a_server_with_the_same(master):
    name = master.roster.add("api", server("app.example:80", resolve=True))
    master.roster.found(1, "api", name.id, [{"address": A}])
    assert addresses(master) == [A, B, "", A]
    master.roster.found(1, "api", name.id, [])
    assert addresses(master) == [A, B, ""]


def test_a_state_file_shows_the_lines_as_they_are(tmp_path):
    zones = {"api": UpstreamZone("api", str(tmp_path / "api.conf"))}
    master = Master(upstreams=[api()], zones=zones)
    master.roster.add("api", server(C, weight=2, fail_timeout=5.0, backup=True))
    ((path, content),) = master.roster.unwritten()
    assert path == str(tmp_path / "api.conf")
    assert content == (f"server {A};\nserver {B};\nserver {C} weight=2 fail_timeout=5s backup;\n")
    assert list(master.roster.unwritten()) == []
