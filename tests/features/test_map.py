"""map: a variable whose value depends on another text."""

import pytest

from tests.support.client import get
from tests.support.inside import Inside, proxying
from tests.support.origin import answers, response


def mapped(map_, key=b"", show="$m", server=""):
    """Return what the map makes of $arg_a."""
    with Inside(f'{server} return 200 "{show}";', http=f"map $arg_a $m {{ {map_} }}") as inside:
        return get(inside.address, b"/?a=" + key).body


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"one", b"1"),
        (b"ONE", b"1"),
        (b"Two", b"2"),
        (b"three", b"none"),
        (b"", b"empty"),
        (b"rx42", b"digits 42"),
        (b"RX42", b"none"),
        (b"iCase", b"any case"),
        (b"~tilde", b"escaped"),
    ],
)
def test_a_text_has_its_value(key, value):
    map_ = r"""
        default none; "" empty; one 1; TWO 2;
        "~^rx(\d+)$" "digits $1"; "~*^icase$" "any case"; \~tilde escaped;
    """
    assert mapped(map_, key) == value


def test_without_a_default_other_texts_have_no_value():
    assert mapped("one 1;", b"two", show="[$m]") == b"[]"


def test_a_text_goes_before_a_regex_that_fits():
    assert mapped("~one regex; one text;", b"one") == b"text"


def test_of_regexes_the_first_that_fits_counts():
    assert mapped("~on first; ~one second;", b"one") == b"first"


def test_a_value_may_have_variables():
    assert mapped("one $uri$host;", b"one") == b"/localhost"


def test_named_groups_are_variables():
    assert mapped(r'"~^(?<first>.)(?<rest>.*)$" "$rest-$first";', b"abc") == b"bc-a"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b"example.com", b"dotted"),
        (b"www.example.com", b"dotted"),
        (b"example.org", b"none"),
        (b"www.example.org", b"star"),
        (b"a.www.example.org", b"star"),
        (b"deep.www.example.org.", b"star"),
        (b"x.longer.example.org", b"longer"),
        (b"mail.anything", b"tail"),
        (b"mail.example.org", b"star"),
        (b"EXACT.Example.org", b"exact"),
    ],
)
def test_with_hostnames_a_text_may_be_a_wildcard(key, value):
    map_ = """
        hostnames; default none; .example.com dotted; *.example.org star;
        *.longer.example.org longer; mail.* tail; exact.example.org exact;
    """
    assert mapped(map_, key) == value


def test_without_hostnames_a_star_is_a_star():
    assert mapped("default none; *.example.org star;", b"www.example.org") == b"none"


def test_a_value_is_computed_once_for_a_request():
    server = "set $seen $m; set $args a=two;"
    assert mapped("one 1; two 2;", b"one", show="$seen$m", server=server) == b"11"


def test_a_volatile_one_is_computed_each_time():
    server = "set $seen $m; set $args a=two;"
    assert mapped("volatile; one 1; two 2;", b"one", show="$seen$m", server=server) == b"12"


def test_maps_may_use_each_other_whatever_their_order():
    http = "map $late $early { yes good; } map $arg_a $late { one yes; }"
    with Inside('return 200 "$early";', http=http) as server:
        assert get(server.address, b"/?a=one").body == b"good"


def test_the_source_may_be_more_than_a_variable():
    http = 'map "$arg_a:$arg_b" $m { 1:2 both; }'
    with Inside('return 200 "$m";', http=http) as server:
        assert get(server.address, b"/?a=1&b=2").body == b"both"


def test_the_upgrade_map_of_every_websocket_tutorial_works():
    http = 'map $http_upgrade $connection_upgrade { default upgrade; "" close; }'
    conf = """
        location / {
            proxy_http_version 1.1;
            proxy_set_header Connection $connection_upgrade;
            proxy_pass http://%ORIGIN%;
        }
    """
    with proxying(answers(response(b"ok")), conf, http=http) as server:
        get(server.address)
        assert server.origin.last.get(b"connection") == b"close"
        get(server.address, b"/", b"Upgrade: websocket", b"Connection: upgrade")
        assert server.origin.last.get(b"connection") == b"upgrade"
