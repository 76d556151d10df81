"""Hits: which stored answer fits, and what the client gets of it."""

from tests.support.caching import answers, caching, fresh, response

TAG = b'ETag: "x"'


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


def test_the_clients_conditions_are_answered_here():
    with caching(answers(fresh(b"body", TAG))) as server:
        assert server.ask(b"/", b'If-None-Match: "x"').code == 304
        assert b"if-none-match" not in server.origin.last
        assert server.ask(b"/", b'If-None-Match: "x"').code == 304
        assert server.ask(b"/", b'If-None-Match: "y"').body == b"body"
        assert len(server.origin.requests) == 1


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
