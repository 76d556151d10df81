"""What becomes of fastcgi_pass and its kin when a location is built."""

import pytest

from forkproxy.errors import ConfigError
from tests.support.applications import fastcgi, uwsgi
from tests.support.client import get
from tests.support.inside import Inside, proxying
from tests.support.origin import Origin, answers, response


def test_a_name_without_a_port_must_be_an_upstream():
    with pytest.raises(ConfigError, match='no port in upstream "app"') as caught:
        Inside("location / { fastcgi_pass app; }")
    assert "upstream block" in caught.value.hint


def test_an_if_may_pass_on_otherwise_than_its_location():
    conf = """
        location / {
            if ($arg_app) { fastcgi_pass %ORIGIN%; }
            return 200 location;
        }
    """
    with proxying(fastcgi(), conf) as server:
        assert get(server.address, b"/").body == b"location"


def test_proxy_pass_and_fastcgi_pass_live_side_by_side():
    conf = """
        location /php { fastcgi_pass %ORIGIN%; }
        location / { proxy_pass http://%OTHER%; }
    """
    with (
        Origin(answers(response(b"other"))) as other,
        proxying(fastcgi(), conf, OTHER=other.address) as server,
    ):
        assert get(server.address, b"/php").body == b"hello"
        assert get(server.address, b"/").body == b"other"


def test_answers_are_cached_by_the_familys_own_directives():
    http = "fastcgi_cache_path %PREFIX%/cache keys_zone=one:1m;"
    conf = """location / {
        fastcgi_pass %ORIGIN%; fastcgi_cache one; fastcgi_cache_valid 1m;
        add_header X-Cache $upstream_cache_status;
    }"""
    with proxying(fastcgi(), conf, http=http) as server:
        assert [get(server.address).get(b"x-cache") for _ in range(2)] == [b"MISS", b"HIT"]
        assert get(server.address, b"/other").get(b"x-cache") == b"MISS"


def test_a_zone_of_one_family_serves_another():
    http = "proxy_cache_path %PREFIX%/cache keys_zone=one:1m;"
    conf = "location / { uwsgi_pass %ORIGIN%; uwsgi_cache one; uwsgi_cache_valid 1m; }"
    with proxying(uwsgi(), conf, http=http) as server:
        assert [get(server.address).body for _ in range(2)] == [b"hello", b"hello"]
        assert len(server.origin.requests) == 1


def test_an_applications_error_is_replaced_where_that_is_wanted():
    conf = """
        location / { fastcgi_pass %ORIGIN%; fastcgi_intercept_errors on; error_page 404 /sorry; }
        location /sorry { return 200 sorry; }
    """
    with proxying(fastcgi(lambda _: b"Status: 404\r\n\r\n"), conf) as server:
        answer = get(server.address)
        assert (answer.status, answer.body) == (404, b"sorry")
