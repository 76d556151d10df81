import hashlib
import re

from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Order, StandingCell
from tests.support.backends import balancing
from tests.support.client import get

NAMES = ("a", "b", "c")


def cookie(answer):
    (value,) = answer.all(b"set-cookie")
    return value


def session(answer):
    return cookie(answer).partition(b";")[0]


def test_a_cookie_names_the_peer_by_a_digest_of_its_address():
    with balancing("sticky cookie id;", *NAMES) as inside:
        answer = get(inside.address)
        address = inside.origins[answer.body.decode()].address
        assert cookie(answer) == b"id=" + hashlib.md5(address.encode()).hexdigest().encode()


def test_whoever_has_the_cookie_comes_to_the_same_peer():
    with balancing("sticky cookie id path=/;", *NAMES) as inside:
        first = get(inside.address)
        bodies = {get(inside.address, b"/", b"Cookie: " + session(first)).body for _ in range(6)}
        assert bodies == {first.body}
        assert {get(inside.address).body for _ in range(6)} == {b"a", b"b", b"c"}


def test_the_attributes_of_the_cookie_are_nginxs():
    attributes = "expires=1h domain=.$host path=/x httponly secure samesite=lax"
    with balancing(f"sticky cookie id {attributes};", "a") as inside:
        value = cookie(get(inside.address))
    _, expires, age, *rest = value.split(b"; ")
    assert re.fullmatch(rb"expires=\w{3}, \d\d-\w{3}-\d\d [\d:]{8} GMT", expires)
    assert [age, *rest] == [
        b"max-age=3600", b"domain=.localhost", b"httponly", b"secure", b"samesite=lax", b"path=/x"
    ]  # fmt: skip


def test_a_cookie_may_be_for_ever():
    with balancing("sticky cookie id expires=max;", "a") as inside:
        value = cookie(get(inside.address))
    assert value.endswith(b"; expires=Thu, 31-Dec-37 23:55:55 GMT; max-age=315360000")


def test_a_session_whose_peer_is_gone_gets_another_one():
    with balancing("sticky cookie id;", *NAMES) as inside:
        first = get(inside.address)
        inside.origins[first.body.decode()].close()
        second = get(inside.address, b"/", b"Cookie: " + session(first))
        assert second.status == 200
        assert second.body != first.body
        assert session(second) != session(first)


def order(made, address, wanted):
    made.board.standing_store(made.peer(f"u/{address}"), StandingCell.STANDING_ORDER, wanted)


def test_a_draining_peer_keeps_its_sessions_and_gets_no_new_ones():
    made = cells.make(1)
    with balancing("sticky cookie id;", *NAMES, cells=made) as inside:
        first = get(inside.address)
        address = inside.origins[first.body.decode()].address
        order(made, address, Order.ORDER_DRAIN)
        assert get(inside.address, b"/", b"Cookie: " + session(first)).body == first.body
        assert first.body not in {get(inside.address).body for _ in range(6)}
        order(made, address, Order.ORDER_DOWN)
        assert get(inside.address, b"/", b"Cookie: " + session(first)).body != first.body


def test_a_route_is_named_by_the_first_variable_that_has_a_value():
    options = {name: f"route={name}1" for name in NAMES}
    with balancing("sticky route $cookie_r $arg_r;", *NAMES, options=options) as inside:
        assert {get(inside.address, b"/?r=b1").body for _ in range(3)} == {b"b"}
        assert get(inside.address, b"/?r=b1", b"Cookie: r=c1").body == b"c"
        assert get(inside.address).all(b"set-cookie") == []


def test_the_applications_own_session_is_learnt():
    learn = "sticky learn create=$upstream_cookie_s lookup=$cookie_s zone=t1:64k;"
    with balancing(learn, *NAMES, fields=[b"Set-Cookie: s=one"]) as inside:
        first = get(inside.address)
        bodies = {get(inside.address, b"/", b"Cookie: s=one").body for _ in range(6)}
        assert bodies == {first.body}


def test_a_session_that_nobody_made_is_not_kept():
    learn = "sticky learn create=$upstream_cookie_s lookup=$cookie_s zone=t2:64k;"
    with balancing(learn, *NAMES) as inside:
        asked = [get(inside.address, b"/", b"Cookie: s=mine").body for _ in range(6)]
        assert set(asked) == {b"a", b"b", b"c"}


def test_a_session_is_learnt_from_the_head_already():
    learn = "sticky learn create=$upstream_cookie_s lookup=$cookie_s zone=t3:64k header;"
    with balancing(learn, *NAMES, fields=[b"Set-Cookie: s=two"]) as inside:
        first = get(inside.address)
        assert get(inside.address, b"/", b"Cookie: s=two").body == first.body
