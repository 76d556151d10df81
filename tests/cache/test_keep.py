"""Keeping answers: which are, and as what."""

from tests.support.caching import FRESH, answers, caching, chunked, fresh, response
from tests.support.eventually import eventually

TAG = b'ETag: "x"'


def test_a_condition_forbids_storing():
    with caching(answers(fresh()), "proxy_no_cache $arg_x;") as server:
        assert server.ask(b"/?x=1").reason == "not-wanted"
        assert server.ask(b"/?x=1").status == "MISS"


def test_chunked_answers_are_stored_by_their_content():
    with caching(answers(chunked([b"one", b"two"], FRESH))) as server:
        assert server.ask().body == b"onetwo"
        hit = server.ask()
        assert (hit.status, hit.get(b"content-length")) == ("HIT", b"6")


def test_where_a_304_gives_no_lifetime_what_is_stored_says_it_once_more():
    first = response(b"old", b"X-Accel-Expires: @1", TAG)
    good = b"HTTP/1.1 304 Not Modified\r\n" + TAG + b"\r\n\r\n"
    text = "proxy_cache_revalidate on; proxy_ignore_headers X-Accel-Expires; proxy_cache_valid 1;"
    with caching(answers(first, good), text, options="inactive=1h") as server:
        server.ask()
        eventually(lambda: server.ask().status == "REVALIDATED")
        assert server.ask().status == "HIT"


def test_by_the_rfc_an_answer_to_post_that_is_its_targets_is_what_get_gets():
    answer = fresh(b"new", b"Content-Location: /page")
    with caching(answers(answer, fresh(b"other")), "proxy_cache_rfc on;") as server:
        server.ask(b"/page", method=b"POST", body=b"x")
        server.settle()
        assert server.ask(b"/page").body == b"new"
        assert server.ask(b"/elsewhere").body == b"other"


def test_an_answer_that_sends_the_request_elsewhere_is_not_stored():
    answer = fresh(b"", b"X-Accel-Redirect: /other")
    with caching(answers(answer), more="location /other { return 200 other; }") as server:
        assert server.ask().body == b"other"
        assert server.zone.counts()["not_stored"] == {"redirected-inside": 1}
        assert server.keys() == []
