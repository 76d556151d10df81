"""limit_rate: where the rate of an answer comes from."""

import time

import pytest

from tests.support.client import Client, get, request
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, response


@pytest.mark.parametrize(
    ("conf", "rate"),
    [
        ("", b"0"),
        ("limit_rate 1000;", b"1000"),
        ("limit_rate 1m; limit_rate_after 1;", b"1048576"),
        ("limit_rate $arg_rate;", b"20480"),
        ("limit_rate 1; set $limit_rate 30k;", b"30720"),
        ("set $limit_rate fast;", b"0"),
        ("limit_rate 1; if ($arg_rate) { limit_rate 5k; }", b"5120"),
    ],
)
def test_the_variable_tells_what_holds(conf, rate):
    conf = f"location / {{ access_log logs/access.log f; {conf} try_files /none =204; }}"
    with Inside(conf, http="log_format f $limit_rate;") as server:
        get(server.address, b"/?rate=20k")
        assert server.lines() == [rate]


def test_an_upstream_may_say_it_and_wins_also_over_another_location():
    conf = """
        root %PREFIX%;
        access_log logs/access.log f;
        location / { limit_rate 1; proxy_pass http://%ORIGIN%; }
        location /there { limit_rate 0; }
    """
    fields = (b"X-Accel-Limit-Rate: 1300000", b"X-Accel-Redirect: /there")
    http = 'log_format f "$uri $limit_rate";'
    with proxying(answers(response(b"", *fields)), conf, http=http) as server:
        server.write("there", b"file")
        found = get(server.address)
        assert found.body == b"file"
        assert not [name for name, _ in found.fields if name.lower().startswith(b"x-accel")]
        assert server.lines() == [b"/there 1300000"]


def test_an_upstream_may_be_ignored():
    conf = """
        access_log logs/access.log f;
        proxy_ignore_headers X-Accel-Limit-Rate;
        location / { proxy_pass http://%ORIGIN%; }
    """
    answer = response(b"", b"X-Accel-Limit-Rate: 1")
    with proxying(answers(answer), conf, http="log_format f $limit_rate;") as server:
        get(server.address)
        assert server.lines() == [b"0"]


def test_a_head_that_is_longer_than_the_rate_waits_too():
    conf = f"location / {{ limit_rate 2000; add_header X {'y' * 2400}; return 200 ok; }}"
    with Inside(conf) as server:
        began_at = time.monotonic()
        found = get(server.address)
        assert time.monotonic() - began_at > 0.2
        assert (found.body, len(found.get(b"x"))) == (b"ok", 2400)


def test_what_others_are_answered_meanwhile_is_not_in_a_head_that_waits():
    slow = f"location /slow {{ limit_rate 2000; add_header X {'y' * 2400}; return 200 slow; }}"
    with (
        Inside(f"{slow} location / {{ return 200 others; }}") as server,
        Client(server.address) as first,
        Client(server.address) as second,
    ):
        first.send(request(b"GET", b"/slow"))
        second.send(request(b"GET", b"/"))
        assert second.response().body == b"others"
        held = first.response()
        assert (held.status, held.body) == (200, b"slow")
