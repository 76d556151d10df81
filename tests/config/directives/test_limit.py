import pytest

from forkproxy.config.directives.limit import LimitConn, LimitReq
from forkproxy.config.template import Var
from tests.support.configuration import errors, level

ZONE = "limit_req_zone $uri zone=z:32k rate=1r/s; limit_conn_zone $uri zone=c:32k;"


def first(place, text, name):
    return level(place, text).own(name)[0].value


def limit(text):
    (server,) = level("http", f"{ZONE} server {{ limit_req {text}; }}").blocks("server")
    return server.own("limit_req")[0].value


@pytest.mark.parametrize(
    ("rate", "thousandths"), [("10r/s", 10_000), ("1r/m", 16), ("30r/m", 500), ("1000r/s", 10**6)]
)
def test_rates_are_in_thousandths_of_a_request_a_second(rate, thousandths):
    found = first("http", f"limit_req_zone $uri zone=z:1m rate={rate};", "limit_req_zone")
    assert found.rate == thousandths
    assert (found.name, found.size, found.key) == ("z", 1 << 20, (Var("uri"),))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("zone=z", LimitReq("z")),
        ("zone=z burst=5", LimitReq("z", 5)),
        ("burst=5 zone=z nodelay", LimitReq("z", 5, -1)),
        ("zone=z burst=5 delay=3", LimitReq("z", 5, 3)),
        ("zone=z ban=5m", LimitReq("z", ban=300.0)),
    ],
)
def test_a_limit_says_what_becomes_of_a_burst(text, found):
    assert limit(text) == found


def test_a_limit_of_connections():
    (server,) = level("http", f"{ZONE} server {{ limit_conn c 5; }}").blocks("server")
    assert server.own("limit_conn")[0].value == LimitConn("c", 5)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("limit_req_zone $uri rate=1r/s lasting;", '"limit_req_zone" must have "zone" parameter'),
        ("limit_req_zone $uri zone=z rate=1r/s;", 'invalid zone size "zone=z"'),
        ("limit_req_zone $uri zone=z:1x rate=1r/s;", 'invalid zone size "zone=z:1x"'),
        ("limit_req_zone $uri zone=z:1k rate=1r/s;", 'zone "zone=z:1k" is too small'),
        ("limit_req_zone $uri zone=z:1m rate=0r/s;", 'invalid rate "rate=0r/s"'),
        ("limit_req_zone $uri zone=z:1m rate=5;", 'invalid rate "rate=5"'),
        ("limit_req_zone $uri zone=z:1m x=5;", 'invalid parameter "x=5"'),
        ("limit_conn_zone $uri zone=z:1m rate=1r/s;", "invalid number of arguments in "),
        ("limit_req burst=1;", '"limit_req" must have "zone" parameter'),
        ("limit_req zone=none;", 'zero size shared memory zone "none"'),
        ("limit_conn none 1;", 'zero size shared memory zone "none"'),
        ("limit_req zone=a burst=0;", 'invalid burst value "burst=0"'),
        ("limit_req zone=a delay=x;", 'invalid delay value "delay=x"'),
        ("limit_req zone=a ban=0;", 'invalid ban "ban=0"'),
        ("limit_req zone=a now;", 'invalid parameter "now"'),
        ("limit_conn a 0;", 'invalid number of connections "0"'),
        ("limit_conn a 65536;", "connection limit must be less 65536"),
        ("limit_req_status 399;", "value must be between 400 and 599"),
        ("limit_rate 5x;", '"limit_rate" directive invalid value'),
    ],
)
def test_what_is_wrong_is_said_in_nginxs_words(line, message):
    assert errors("http", line + " server { }")[0].startswith(message)


def test_a_zone_twice_in_one_level_is_a_mistake():
    text = f"{ZONE} server {{ limit_req zone=z; limit_req zone=z burst=1; }}"
    assert errors("http", text) == ['"limit_req" directive is duplicate']


def test_a_request_has_room_for_sixteen_limits():
    zones = "".join(f"limit_req_zone $uri zone=m{one}:32k rate=1r/s;" for one in range(17))
    lines = [f"limit_req zone=m{one};" for one in range(17)]
    assert errors("http", f"{zones} server {{ {''.join(lines[:16])} }}") == []
    assert errors("http", f"{zones} server {{ {''.join(lines)} }}") == [
        '"limit_req" directive may be given 16 times in one place'
    ]


def test_a_zone_has_one_key():
    text = f"{ZONE} limit_req_zone $host zone=z:32k rate=1r/s;"
    assert errors("http", text + "server { }") == [
        'limit_req_zone "z" is already bound to key "$uri"'
    ]


def test_a_name_of_shared_memory_has_one_use():
    text = f"{ZONE} limit_conn_zone $host zone=z:32k; server {{ }}"
    assert errors("http", text) == [
        'the shared memory zone "z" is already declared for a different use'
    ]
    text = f"{ZONE} keyval_zone zone=z:32k; server {{ }}"
    assert errors("http", text) == [
        'the shared memory zone "z" is already declared for a different use'
    ]


def test_a_zone_of_requests_may_be_lasting():
    zone = "limit_req_zone $uri zone=y:32k rate=1r/s lasting;"
    assert errors("http", f"{zone} server {{ }}") == []
    text = "limit_conn_zone $uri zone=y:32k lasting; server { }"
    assert errors("http", text) == ['invalid number of arguments in "limit_conn_zone" directive']


def test_a_zone_may_come_behind_its_limits():
    assert errors("http", f"server {{ limit_req zone=z; }} {ZONE}") == []
