"""A variable is known everywhere, wherever it is defined."""

import pytest

from tests.support.client import get
from tests.support.inside import Inside

DEFINED = {
    "set": "location /x { set $v 1; }",
    "a group of a location": "location ~ ^/x(?<v>.) { return 204; }",
    "a group of a rewrite": "location /x { rewrite ^/x(?<v>.) /y; }",
}


@pytest.mark.parametrize("place", DEFINED)
def test_a_variable_that_is_defined_elsewhere_is_known_and_empty(place):
    with Inside(f"""{DEFINED[place]} location / {{ return 200 "<$v>"; }}""") as inside:
        assert get(inside.address).body == b"<>"


def test_what_a_named_group_of_a_server_name_has_found_is_known_in_its_locations():
    text = "server { listen %PORT%; server_name ~^(?<who>.); location / { return 200 $who; } }"
    with Inside(text) as inside:
        assert get(inside.address).body == b"l"  # of localhost
