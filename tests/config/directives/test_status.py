import pytest

from forkproxy.config.directives.status import Api
from forkproxy.errors import ConfigError
from tests.support.configuration import level


def location(text):
    return level("location", text)


@pytest.mark.parametrize(
    ("text", "write"), [("api;", False), ("api write=off;", False), ("api write=on;", True)]
)
def test_the_api_only_shows_unless_told(text, write):
    assert location(text).value("api") == Api(write)


@pytest.mark.parametrize(
    "text", ["api write;", "api write=yes;", "api read=on;", "api on off;", "status_zone;"]
)
def test_anything_else_is_refused(text):
    with pytest.raises(ConfigError):
        location(text)


def test_a_zone_has_a_name():
    assert location("status_zone images;").value("status_zone") == "images"
