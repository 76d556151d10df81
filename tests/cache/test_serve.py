"""What a location with a cache answers: hits, misses, stale answers, waiting for another."""

import threading

import pytest

from tests.support.caching import FRESH, STALE, answers, caching, chunked, fresh, response
from tests.support.client import Client, request
from tests.support.eventually import eventually

TAG = b'ETag: "x"'


def test_the_second_request_is_a_hit():
    with caching(answers(fresh(b"one"), fresh(b"two"))) as server:
        assert server.statuses(b"/", b"/", b"/?other") == ["MISS", "HIT", "MISS"]
        server.settle()
        assert server.ask().body == b"one"


def test_a_hit_has_the_fields_that_were_stored_and_those_of_now():
    answer = fresh(b"", b"X-Odd: a", b"Connection: x-gone", b"X-Gone: 1", b"Set-Odd: b")
    with caching(answers(answer), "proxy_hide_header X-Odd;") as server:
        server.ask()
        hit = server.ask()
        assert hit.get(b"set-odd") == b"b"
        assert b"x-odd" not in hit.response
        assert b"x-gone" not in hit.response


def test_a_head_is_fetched_by_get_and_a_hit_afterwards():
    with caching(answers(fresh(b"body"))) as server:
        head = server.ask(method=b"HEAD")
        assert (head.status, head.body, head.get(b"content-length")) == ("MISS", b"", b"4")
        assert server.origin.last.method == b"GET"
        assert server.ask().body == b"body"
        assert server.ask(method=b"HEAD").status == "HIT"


def test_a_head_that_is_not_converted_is_no_answer_to_get_by_the_rfc():
    text = "proxy_cache_convert_head off; proxy_cache_rfc on;"

    def script(peer):
        while True:
            method = peer.request().method
            peer.send(fresh(b"body")[: -4 if method == b"HEAD" else None])

    with caching(script, text) as server:
        assert server.ask(method=b"HEAD").get(b"content-length") == b"4"
        hit = server.ask(method=b"HEAD")
        assert (hit.status, hit.get(b"content-length")) == ("HIT", b"4")
        assert server.ask().body == b"body"


def test_other_methods_pass_by():
    with caching(answers(fresh())) as server:
        assert server.ask(method=b"POST", body=b"x").status == ""
        assert server.ask().status == "MISS"


def test_a_condition_bypasses_the_cache_and_the_answer_replaces_what_is_there():
    script = answers(fresh(b"one"), fresh(b"two"))
    with caching(script, "proxy_cache_bypass $arg_new; proxy_cache_key $uri;") as server:
        server.ask()
        assert server.ask(b"/?new=1").status == "BYPASS"
        assert server.ask(b"/?new=0").body == b"two"


def test_a_condition_forbids_storing():
    with caching(answers(fresh()), "proxy_no_cache $arg_x;") as server:
        assert server.ask(b"/?x=1").reason == "not-wanted"
        assert server.ask(b"/?x=1").status == "MISS"


def test_what_is_asked_for_too_seldom_is_not_stored():
    with caching(answers(fresh()), "proxy_cache_min_uses 3;") as server:
        assert server.statuses(*[b"/"] * 4) == ["MISS", "MISS", "MISS", "HIT"]


def test_a_zone_may_be_named_by_a_variable():
    conf = "location /by { proxy_pass http://%ORIGIN%; proxy_cache $arg_zone; }"
    with caching(answers(fresh()), more=conf) as server:
        assert server.ask(b"/by?zone=none").code == 500
        assert server.ask(b"/by").code == 200
        assert server.ask(b"/by?zone=one").code == 200
        assert len(server.keys()) == 1


def test_a_range_beyond_the_offset_is_passed_on_and_not_stored():
    with caching(answers(fresh(b"0123456789")), "proxy_cache_max_range_offset 5;") as server:
        assert server.ask(b"/", b"Range: bytes=5-").reason == "range-offset"
        assert server.origin.last.get(b"range") == b"bytes=5-"
        server.ask(b"/", b"Range: bytes=4-")
        assert b"range" not in server.origin.last


def test_the_clients_conditions_are_answered_here():
    with caching(answers(fresh(b"body", TAG))) as server:
        assert server.ask(b"/", b'If-None-Match: "x"').code == 304
        assert b"if-none-match" not in server.origin.last
        assert server.ask(b"/", b'If-None-Match: "x"').code == 304
        assert server.ask(b"/", b'If-None-Match: "y"').body == b"body"
        assert len(server.origin.requests) == 1


def revalidating(text, second):
    control = b"Cache-Control: max-age=0" if "rfc" in text else STALE
    first = response(b"old", control, TAG, b"X-Part: old")
    return caching(answers(first, second, fresh(b"third")), text)


def test_a_stale_answer_that_is_still_good_is_freshened():
    good = response(b"", FRESH, TAG, b"X-Part: new", status=b"304 Not Modified")
    for text, part in [("proxy_cache_revalidate on;", b"old"), ("proxy_cache_rfc on;", b"new")]:
        with revalidating(text, good.replace(b"Content-Length: 0\r\n", b"")) as server:
            server.ask()
            again = server.ask()
            assert server.origin.last.get(b"if-none-match") == b'"x"'
            assert (again.status, again.body) == ("REVALIDATED", b"old")
            assert again.get(b"x-part") == part
            server.settle()
            assert server.ask().status == "HIT"
            assert server.ask().get(b"x-part") == part


def test_one_that_is_not_is_replaced():
    with revalidating("proxy_cache_revalidate on;", fresh(b"new")) as server:
        server.ask()
        assert server.ask().body == b"new"
        assert server.ask().status == "HIT"


@pytest.mark.parametrize(
    ("text", "second", "body"),
    [
        ("proxy_cache_use_stale http_500;", b"500 Broken", b"old"),
        ("proxy_cache_use_stale http_503;", b"500 Broken", b"no"),
        ("", b"500 Broken", b"no"),
    ],
)
def test_a_stale_answer_in_place_of_an_error(text, second, body):
    with revalidating(text, response(b"no", status=second)) as server:
        server.ask()
        assert server.ask().body == body


def test_a_stale_answer_where_nobody_answers():
    def script(peer):
        peer.request()
        if len(peer.origin.requests) == 1:
            peer.send(response(b"old", STALE, b"Connection: close"))

    for text, code in [("proxy_cache_use_stale error;", 200), ("", 502)]:
        with caching(script, text) as server:
            server.ask()
            assert server.ask().code == code


def test_must_revalidate_forbids_it_by_the_rfc():
    first = response(b"old", b"Cache-Control: max-age=0, must-revalidate", TAG)
    text = "proxy_cache_rfc on; proxy_cache_use_stale http_500;"
    with caching(answers(first, response(b"no", status=b"500 Broken")), text) as server:
        server.ask()
        assert server.ask().code == 500


def test_by_the_rfc_a_hit_tells_its_age_and_the_date_of_its_origin():
    date = b"Wed, 01 Jan 2020 00:00:00 GMT"
    with caching(answers(fresh(b"", b"Age: 5", b"X-A: 1")), "proxy_cache_rfc on;") as server:
        server.ask()
        assert int(server.ask().get(b"age")) >= 5
    answer = response(b"", b"Cache-Control: max-age=2000000000", b"Date: " + date)
    with caching(answers(answer), "proxy_cache_rfc on;") as server:
        server.ask()
        assert server.ask().get(b"date") == date


def test_cache_status_tells_what_was_done():
    with caching(answers(fresh()), "proxy_cache_status_header edge;") as server:
        assert server.ask().get(b"cache-status") == b"edge; fwd=uri-miss; stored"
        assert server.ask().get(b"cache-status") == b"edge; hit"


class Slow:
    """An origin that sends the head, and the content when it is told to."""

    def __init__(self, octets):
        self.octets = octets
        self.go_on = threading.Event()

    def __call__(self, peer):
        while True:
            peer.request()
            mark = self.octets.index(b"\r\n\r\n") + 4
            peer.send(self.octets[:mark])
            self.go_on.wait(5.0)
            peer.send(self.octets[mark:])


def test_with_a_lock_the_others_follow_the_answer_as_it_comes():
    slow = Slow(response(b"x" * 10, FRESH))
    with caching(slow, "proxy_cache_lock on;") as server:
        with Client(server.address) as one, Client(server.address) as other:
            one.send(request(b"GET", b"/"))
            server.origin.wait(1)
            other.send(request(b"GET", b"/"))
            heads = [client.reader.until(b"\r\n\r\n") for client in (one, other)]
            assert all(head.startswith(b"HTTP/1.1 200") for head in heads)
            slow.go_on.set()
            assert [client.reader.exactly(10) for client in (one, other)] == [b"x" * 10] * 2
        assert len(server.origin.requests) == 1


def test_who_waited_for_what_is_not_stored_asks_for_himself():
    slow = Slow(response(b"x", b"Cache-Control: no-store"))
    slow.go_on.set()
    with caching(slow, "proxy_cache_lock on;") as server:
        with Client(server.address) as one, Client(server.address) as other:
            one.send(request(b"GET", b"/"))
            other.send(request(b"GET", b"/"))
            assert [client.final().body for client in (one, other)] == [b"x", b"x"]
        assert len(server.origin.requests) == 2


def test_who_has_waited_long_enough_asks_for_himself_and_stores_nothing():
    first = threading.Event()

    def script(peer):
        peer.request()
        if peer.number == 0:
            first.wait(5.0)
        peer.send(fresh(b"%d" % peer.number))

    text = "proxy_cache_lock on; proxy_cache_lock_timeout 20ms;"
    with caching(script, text) as server:
        with Client(server.address) as one:
            one.send(request(b"GET", b"/"))
            server.origin.wait(1)
            assert server.ask().reason == "lock-timeout"
            first.set()
            assert one.final().body == b"0"
        eventually(lambda: server.ask().body == b"0")


def test_a_purge_takes_what_the_request_would_get():
    text = "proxy_cache_purge $arg_purge; proxy_cache_key $uri;"
    with caching(answers(fresh(b"1"), fresh(b"2"), fresh(b"3")), text) as server:
        server.ask(b"/a")
        server.ask(b"/b")
        server.settle()
        assert server.ask(b"/a?purge=1").code == 204
        assert server.ask(b"/a?purge=1").code == 404
        assert server.statuses(b"/a", b"/b") == ["MISS", "HIT"]


def test_a_purge_with_an_asterisk_takes_all_that_begins_so():
    text = "proxy_cache_purge $arg_purge; proxy_cache_key $uri;"
    with caching(answers(fresh()), text) as server:
        server.statuses(b"/x/a", b"/x/b", b"/y")
        server.settle()
        assert server.ask(b"/x/*?purge=1").code == 204
        assert server.keys() == [b"/y"]


def test_chunked_answers_are_stored_by_their_content():
    with caching(answers(chunked([b"one", b"two"], FRESH))) as server:
        assert server.ask().body == b"onetwo"
        hit = server.ask()
        assert (hit.status, hit.get(b"content-length")) == ("HIT", b"6")


def test_by_the_rfc_an_answer_to_post_that_is_its_targets_is_what_get_gets():
    answer = fresh(b"new", b"Content-Location: /page")
    with caching(answers(answer, fresh(b"other")), "proxy_cache_rfc on;") as server:
        server.ask(b"/page", method=b"POST", body=b"x")
        server.settle()
        assert server.ask(b"/page").body == b"new"
        assert server.ask(b"/elsewhere").body == b"other"


def test_where_a_304_gives_no_lifetime_what_is_stored_says_it_once_more():
    first = response(b"old", b"X-Accel-Expires: @1", TAG)
    good = b"HTTP/1.1 304 Not Modified\r\n" + TAG + b"\r\n\r\n"
    text = "proxy_cache_revalidate on; proxy_ignore_headers X-Accel-Expires; proxy_cache_valid 1;"
    with caching(answers(first, good), text, options="inactive=1h") as server:
        server.ask()
        eventually(lambda: server.ask().status == "REVALIDATED")
        assert server.ask().status == "HIT"
