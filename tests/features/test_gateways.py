"""What becomes of fastcgi_pass and its kin when a location is built."""

import pytest

from tests.support.applications import HELLO, fastcgi, uwsgi
from tests.support.caching import caching
from tests.support.client import get
from tests.support.inside import proxying
from tests.support.origin import Origin, answers, response


def test_an_if_may_pass_on_otherwise_than_its_location():
    conf = """
        location / {
            if ($arg_app) { fastcgi_pass %ORIGIN%; }
            return 200 location;
        }
    """
    with proxying(fastcgi(), conf) as server:
        assert get(server.address, b"/").body == b"location"


def test_a_field_is_not_told_where_its_param_says_nothing():
    told = []

    def application(request):
        told.append(request.params)
        return b"Status: 204\r\n\r\n"

    conf = """
        location / {
            fastcgi_param HTTP_PROXY ""; fastcgi_param HTTP_X_A ""; fastcgi_param OTHER "";
            fastcgi_pass %ORIGIN%;
        }
    """
    with proxying(fastcgi(application), conf) as server:
        get(server.address, b"/", b"X-A: 1", b"X-B: 1")
    assert {"HTTP_PROXY", "HTTP_X_A"}.isdisjoint(told[0])
    assert told[0]["OTHER"] == b""
    assert told[0]["HTTP_X_B"] == b"1"


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


OLD = b'X-Accel-Expires: @1\r\nETag: "1"\r\n' + HELLO  # stale at once
VALID = "fastcgi_cache_valid 1m;"


def modified_since(asked):
    """Answer with something old, and then with 304."""
    return b"Status: 304\r\n\r\n" if "HTTP_IF_NONE_MATCH" in asked.params else OLD


def failing(asked):
    """Answer with something old, and then not at all."""
    return OLD if asked.connection == 0 else b"Status: 500\r\n\r\n"


@pytest.mark.parametrize(
    ("text", "answer", "targets", "expected"),
    [
        (VALID, HELLO, b"/ / /x", "MISS HIT MISS"),
        ("fastcgi_cache_bypass $arg_b;" + VALID, HELLO, b"/?b=1 /?b=1", "BYPASS BYPASS"),
        ("fastcgi_no_cache $arg_n;" + VALID, HELLO, b"/?n=1 /?n=1", "MISS MISS"),
        ("fastcgi_cache_key $arg_k;" + VALID, HELLO, b"/a?k=1 /b?k=1", "MISS HIT"),
        ("fastcgi_cache_min_uses 2;" + VALID, HELLO, b"/ / /", "MISS MISS HIT"),
        ("fastcgi_cache_revalidate on;" + VALID, modified_since, b"/ / /", "MISS REVALIDATED HIT"),
        ("fastcgi_cache_use_stale http_500;", failing, b"/ /", "MISS STALE"),
        (
            "fastcgi_cache_use_stale updating; fastcgi_cache_background_update on;",
            OLD,
            b"/ /",
            "MISS STALE",
        ),
        ("fastcgi_cache_purge $arg_p; fastcgi_cache_key $uri;" + VALID, HELLO, b"/ /?p=1 /",
         "MISS MISS"),
        ("fastcgi_cache_lock on; fastcgi_cache_lock_age 1s; fastcgi_cache_lock_timeout 1s;" + VALID,
         HELLO, b"/ /", "MISS HIT"),
        ("fastcgi_ignore_headers X-Accel-Expires;" + VALID, OLD, b"/ /", "MISS HIT"),
        ("fastcgi_cache_rfc on;", b"Cache-Control: no-cache\r\n" + OLD, b"/ /", "MISS EXPIRED"),
    ],
)  # fmt: skip
def test_the_caches_directives_have_twins(text, answer, targets, expected):
    script = fastcgi(answer if callable(answer) else lambda _: answer)
    with caching(script, text, family="fastcgi") as server:
        found = []
        for target in targets.split():
            found.append(server.ask(target).status)
            server.settle()
    assert " ".join(one for one in found if one) == expected


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
