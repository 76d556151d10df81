"""add_header: which answers get which lines."""

import pytest

from tests.support.client import get
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, response


def added(text, target=b"/", **given):
    """Return the values of X in the answer."""
    with Inside(text, **given) as server:
        return get(server.address, target).all(b"x")


def test_a_line_is_added():
    assert added("add_header X value; return 200;") == [b"value"]


def test_a_value_may_have_variables():
    assert added('add_header X "$uri at $host"; return 200;', b"/a") == [b"/a at localhost"]


def test_an_empty_value_adds_nothing():
    assert added("add_header X $arg_none; return 200;") == []


def test_lines_are_added_in_their_order():
    assert added("add_header X one; add_header X two; return 200;") == [b"one", b"two"]


@pytest.mark.parametrize("status", [200, 201, 204, 206, 301, 302, 303, 304, 307, 308])
def test_answers_of_good_status_get_it(status):
    assert added(f"add_header X value; return {status};") == [b"value"]


@pytest.mark.parametrize("status", [202, 400, 404, 500])
def test_others_do_not(status):
    assert added(f"add_header X value; return {status};") == []


@pytest.mark.parametrize("status", [202, 400, 404, 500])
def test_with_always_all_get_it(status):
    assert added(f"add_header X value always; return {status};") == [b"value"]


def test_a_location_inherits_the_lines_of_the_server():
    assert added("add_header X outer; location / { return 200; }") == [b"outer"]


def test_a_location_with_lines_of_its_own_inherits_none():
    assert added("add_header X a; location / { add_header Y b; return 200; }") == []


def test_lines_are_added_to_what_the_upstream_sent():
    script = answers(response(b"", b"X: theirs"))
    conf = "location / { add_header X ours; proxy_pass http://%ORIGIN%; }"
    with proxying(script, conf) as server:
        assert get(server.address).all(b"x") == [b"theirs", b"ours"]


def test_a_value_may_be_what_the_upstream_sent():
    script = answers(response(b"", b"Theirs: 7"))
    conf = "location / { add_header X $upstream_http_theirs; proxy_pass http://%ORIGIN%; }"
    with proxying(script, conf) as server:
        assert get(server.address).all(b"x") == [b"7"]


@pytest.mark.parametrize("name", [b"Last-Modified", b"ETag"])
def test_a_validator_is_replaced_and_not_added(name):
    conf = f"root files; location / {{ add_header {name.decode()} mine; }}"
    with Inside(conf) as server:
        server.write("files/x", b"octets")
        assert get(server.address, b"/x").all(name) == [b"mine"]


def test_a_line_end_in_a_value_does_not_start_a_field():
    conf = r"location ~ ^/(.*)$ { add_header X $1; return 200; }"
    with Inside(conf) as server:
        answer = get(server.address, b"/a%0d%0aEvil:%20yes")
        assert answer.all(b"x") == [b"a  Evil: yes"]
        assert b"evil" not in answer
