"""add_header: which answers get which lines."""

import os
import time

import pytest

from forkproxy.wire.dates import http_date, parse_http_date
from tests.support.client import Client, get
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
    conf = "location / { add_header X $uri; return 200; }"
    with Inside(conf) as server:
        answer = get(server.address, b"/a%0d%0aEvil:%20yes")
        assert answer.all(b"x") == [b"/a  Evil: yes"]
        assert b"evil" not in answer


# expires.


def freshness(conf, **given):
    with Inside(f"{conf} return 200;", **given) as server:
        answer = get(server.address, b"/?e=1h")
        return answer.get(b"expires"), answer.get(b"cache-control")


def test_expires_counts_from_now():
    expires, cache_control = freshness("expires 1h;")
    assert cache_control == b"max-age=3600"
    assert parse_http_date(expires) - time.time() == pytest.approx(3600, abs=5)


def test_a_time_that_is_over_is_no_cache():
    expires, cache_control = freshness("expires -1h;")
    assert cache_control == b"no-cache"
    assert parse_http_date(expires) < time.time()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("epoch", (b"Thu, 01 Jan 1970 00:00:01 GMT", b"no-cache")),
        ("max", (b"Thu, 31 Dec 2037 23:55:55 GMT", b"max-age=315360000")),
        ("off", (None, None)),
    ],
)
def test_the_words_of_expires(word, expected):
    assert freshness(f"expires {word};") == expected


def test_a_time_of_day_is_within_a_day():
    expires, cache_control = freshness("expires @15h30m;")
    assert 0 < int(cache_control.removeprefix(b"max-age=")) <= 86400
    moment = time.localtime(parse_http_date(expires))
    assert (moment.tm_hour, moment.tm_min) == (15, 30)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("$arg_e", b"max-age=3600"), ("$arg_none", None), ("${arg_e}x", None)],
)
def test_expires_may_hang_on_the_request(text, expected):
    assert freshness(f"expires {text};")[1] == expected


def test_expires_may_count_from_the_change_of_a_file():
    with Inside("root %PREFIX%; location / { expires modified 1h; }") as server:
        path = server.write("a", b"a")
        os.utime(path, (10**9, 10**9))
        answer = get(server.address, b"/a")
        assert answer.get(b"expires") == http_date(10**9 + 3600)
        assert answer.get(b"cache-control") == b"no-cache"


# add_trailer, and what a level inherits.


def test_a_trailer_comes_behind_the_content():
    with Inside("add_trailer X $host; return 200 hello;") as server:
        answer = get(server.address)
        assert (answer.body, answer.trailers) == (b"hello", [(b"X", b"localhost")])
        assert answer.get(b"content-length") is None


def test_an_error_gets_only_trailers_that_are_always_added():
    with Inside("add_trailer X a; add_trailer Y b always; return 404;") as server:
        assert get(server.address).trailers == [(b"Y", b"b")]


def test_a_client_of_http_1_0_gets_no_trailers():
    with Inside("add_trailer X a; return 200 hello;") as server, Client(server.address) as client:
        answer = client.ask(b"GET / HTTP/1.0\r\n\r\n")
        assert (answer.get(b"content-length"), answer.trailers) == (b"5", [])


@pytest.mark.parametrize(
    ("rule", "lines"),
    [("on", [b"inner"]), ("off", [b"inner"]), ("merge", [b"inner", b"outer"])],
)
def test_what_a_level_with_lines_of_its_own_inherits(rule, lines):
    conf = f"add_header X outer; location / {{ add_header_inherit {rule}; add_header X inner;"
    assert added(conf + " return 200; }") == lines


def test_a_level_without_lines_may_refuse_those_around_it():
    conf = "add_header X outer; location / { add_header_inherit off; return 200; }"
    assert added(conf) == []


def test_an_entity_tag_that_is_given_takes_the_place_of_ours():
    with Inside("root %PREFIX%; location / { add_header ETag mine; }") as server:
        server.write("a", b"a")
        assert get(server.address, b"/a").all(b"etag") == [b"mine"]


def test_what_is_hidden_of_an_upstream_can_be_added_anew():
    conf = """
        location / { proxy_pass http://%ORIGIN%; proxy_hide_header X; add_header X ours; }
        location /none { proxy_pass http://%ORIGIN%; proxy_hide_header X; add_header X ""; }
    """
    with proxying(answers(response(b"", b"X: theirs")), conf) as server:
        assert get(server.address).all(b"x") == [b"ours"]
        assert get(server.address, b"/none").all(b"x") == []
