"""What the variables tell about the cache."""

from tests.support.caching import answers, caching, fresh
from tests.support.client import get

LOCATION = """
location /v {
    proxy_pass http://%ORIGIN%;
    proxy_cache one;
    proxy_cache_key $uri;
    add_header X-V "$upstream_cache_status|$upstream_cache_key|$upstream_cache_age";
}
location /none { return 200; add_header X-V "[$upstream_cache_status]"; }
"""


def test_they_tell_of_a_visit():
    with caching(answers(fresh()), more=LOCATION) as server:
        assert get(server.address, b"/v").get(b"x-v") == b"MISS|/v|"
        assert get(server.address, b"/v").get(b"x-v") == b"HIT|/v|0"


def test_without_a_cache_they_are_empty():
    with caching(answers(fresh()), more=LOCATION) as server:
        assert get(server.address, b"/none").get(b"x-v") == b"[]"
