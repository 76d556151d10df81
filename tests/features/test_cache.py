"""proxy_cache and its family, as a location gets it."""

import pytest

from forkproxy.errors import ConfigError
from tests.support.caching import answers, caching, fresh
from tests.support.inside import Inside


def test_a_zone_that_nobody_made_is_an_error():
    with pytest.raises(ConfigError, match='"proxy_cache" zone "none" is unknown'):
        Inside("location / { proxy_pass http://127.0.0.1:1; proxy_cache none; }")


def test_a_location_without_an_origin_has_no_cache():
    with caching(answers(fresh()), more="location /own { proxy_cache one; return 200; }") as server:
        assert server.ask(b"/own").code == 200
        assert server.zone.store is None


def test_off_ends_what_an_outer_level_began():
    conf = "location /off { proxy_pass http://%ORIGIN%; proxy_cache off; }"
    with caching(answers(fresh()), more=conf, http="proxy_cache one;") as server:
        server.ask(b"/off")
        server.ask(b"/off")
        assert len(server.origin.requests) == 2


def test_the_zone_s_folder_is_ours_alone():
    with caching(answers(fresh())) as server:
        assert (server.prefix / "cache").stat().st_mode & 0o777 == 0o700
