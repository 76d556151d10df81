import pytest

from tests.support.administration import Master, call


def code(*asked, **given):
    status, data = call(Master(), *asked, **given)
    return status, data["error"]["code"]


def test_versions_and_endpoints_are_listed():
    assert call(Master(), "GET", "/api/") == (200, [1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert call(Master(), "GET", "/api/9/") == (
        200,
        ["nginx", "processes", "connections", "slabs", "http", "resolvers", "ssl", "workers"],
    )
    assert "workers" not in call(Master(), "GET", "/api/8")[1]
    assert "limit_reqs" not in call(Master(), "GET", "/api/5/http/")[1]
    assert "limit_reqs" in call(Master(), "GET", "/api/6/http")[1]


@pytest.mark.parametrize(
    "path", ["/api/9/nginx", "/api/9/nginx/", "/api/4/nginx", "/api/9/ngin%78"]
)
def test_a_slash_at_the_end_makes_no_difference(path):
    assert call(Master(), "GET", path)[0] == 200


@pytest.mark.parametrize("version", ["0", "10", "x", "9x", "-1", "\u0669"])
def test_an_unknown_version_is_told(version):
    assert code("GET", f"/api/{version}/nginx") == (404, "UnknownVersion")


@pytest.mark.parametrize(
    "path", ["/", "/status", "/api/9/none", "/api/9/stream", "/api/9/stream/zone_sync",
             "/api/8/workers", "/api/9/nginx/x", "/api/9/forkproxy/none"]
)  # fmt: skip
def test_what_there_is_not_is_not_found(path):
    assert code("GET", path) == (404, "PathNotFound")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/9/nginx"),
        ("DELETE", "/api/"),
        ("PATCH", "/api/9/http"),
        ("OPTIONS", "/api/9/nginx"),
        ("GET", "/api/9/forkproxy/reload"),
        ("POST", "/api/9/forkproxy/status"),
    ],
)
def test_a_method_that_means_nothing_there_is_disabled(method, path):
    assert code(method, path) == (405, "MethodDisabled")


def test_an_argument_of_a_command_of_ours_may_be_empty():
    master = Master([("cache", "one")])
    assert call(master, "POST", "/api/9/forkproxy/cache-purge/-/all//hard") is None
    assert call(master, "GET", "/api/9/forkproxy/cache-ls/one//tag") is None
    assert [words for _, words, _ in master.asked] == [
        ["purge", "-", "all", "", "hard"],
        ["ls", "one", "", "tag"],
    ]


def test_who_may_not_write_does_not():
    assert code("DELETE", "/api/9/connections", write=False) == (405, "MethodDisabled")
    assert code("POST", "/api/9/forkproxy/reload", write=False) == (405, "MethodDisabled")
