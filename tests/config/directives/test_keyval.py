import pytest

from forkproxy.config.directives.keyval import KeyvalZone
from forkproxy.errors import ConfigError
from tests.support.configuration import level


def zone(text):
    return level("http", text).own("keyval_zone")[0].value


def test_a_zone_has_a_name_a_size_and_options():
    assert zone("keyval_zone zone=a:32k;") == KeyvalZone("a", 32768)
    found = zone("keyval_zone zone=a:1m timeout=1h type=ip state=/var/a.json;")
    assert found == KeyvalZone("a", 1048576, "ip", 3600.0, "/var/a.json")


@pytest.mark.parametrize(
    "text",
    [
        "keyval_zone a;",
        "keyval_zone type=ip;",
        "keyval_zone zone=a;",
        "keyval_zone zone=:1m;",
        "keyval_zone zone=a:x;",
        "keyval_zone zone=a:1m type=regex;",
        "keyval_zone zone=a:1m timeout=x;",
        "keyval_zone zone=a:1m sync;",
        "keyval_zone zone=a:1m; keyval_zone zone=a:2m;",
        "keyval_zone zone=a:1m; keyval $uri x zone=a;",
        "keyval_zone zone=a:1m; keyval $uri $host zone=a;",
        "keyval_zone zone=a:1m; keyval $uri $x zone=b;",
        "keyval_zone zone=a:1m; keyval $uri $x a;",
        "keyval_zone zone=a:1m; keyval $none $x zone=a;",
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ConfigError):
        level("http", text)


def test_a_variable_has_a_key_and_a_zone():
    (line,) = level("http", "keyval_zone zone=a:1m; keyval $uri$args $X zone=a;").own("keyval")
    assert (line.value.variable, line.value.zone) == ("x", "a")
