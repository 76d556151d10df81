import pytest

from forkproxy.config.directives.health import Ejection, HealthCheck
from tests.support.configuration import errors, level


def check(text):
    location = f"location / {{ proxy_pass http://127.0.0.1; health_check {text}; }}"
    http = level("http", f"match m {{ status 200; }} server {{ {location} }}")
    (line,) = http.blocks("server")[0].blocks("location")[0].own("health_check")
    return line.value


def conditions(text):
    (line,) = level("http", f"match m {{ {text} }}").lines("match")
    return line.value.conditions


def test_a_check_has_plus_defaults():
    assert check("") == HealthCheck(5.0, 0.0, 1, 1, "/")


def test_a_check_has_parameters():
    found = check(
        "interval=1s jitter=500ms fails=3 passes=2 uri=/h port=81 match=m mandatory persistent"
    )
    assert found == HealthCheck(1.0, 0.5, 3, 2, "/h", 81, "m", True, True)
    assert check("type=tcp").kind == "tcp"


@pytest.mark.parametrize(
    "text", ["interval=x", "fails=0", "passes=x", "port=0", "uri=", "type=grpc", "foo", "match"]
)
def test_what_nobody_knows_is_an_invalid_parameter(text):
    assert errors("location", f"proxy_pass http://127.0.0.1; health_check {text};") == [
        f'invalid parameter "{text}"'
    ]


def test_a_state_cannot_persist_that_is_not_mandatory():
    assert errors("location", "proxy_pass http://127.0.0.1; health_check persistent;") == [
        '"persistent" requires "mandatory"'
    ]


def test_the_lines_of_a_match():
    status, not_status, present, absent, equal, unlike, body, require = conditions(
        r"""status 200-399 404; status ! 500; header X; header ! Y; header Z = v;
        header Z !~ "^v"; body ~ "ok"; require $upstream_http_ready $upstream_status;"""
    )
    assert (status.ranges, status.negated) == (((200, 399), (404, 404)), False)
    assert (not_status.ranges, not_status.negated) == (((500, 500),), True)
    assert (present.name, present.negated) == ("X", False)
    assert (absent.name, absent.negated) == ("Y", True)
    assert (equal.name, equal.value) == ("Z", "v")
    assert (unlike.negated, unlike.pattern.pattern) == (True, b"^v")
    assert body.pattern.search(b"all ok")
    assert require.texts == ("upstream_http_ready", "upstream_status")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("status x;", 'invalid status "x"'),
        ("status !;", "no status to compare with"),
        ("header a b;", "invalid header match"),
        ("header a b c;", "invalid header match"),
        ("body x;", "invalid body match"),
        ("require $host;", '"$host" cannot be required here'),
        ("foo bar;", 'unknown directive "foo"'),
        ("status;", 'invalid number of arguments in "status" directive'),
    ],
)
def test_what_makes_no_sense_in_a_match(text, message):
    assert errors("http", f"match m {{ {text} }}") == [message]


def test_an_ejection_has_limits():
    def ejection(text):
        return level("upstream", f"server a; forkproxy_outlier_ejection {text};").value(
            "forkproxy_outlier_ejection"
        )

    assert ejection("") == Ejection(5, 30.0, 10)
    assert ejection("consecutive=3 time=1m max=50%") == Ejection(3, 60.0, 50)
    for wrong in ("consecutive=0", "time=x", "max=101%", "max=5", "foo"):
        assert errors("upstream", f"server a; forkproxy_outlier_ejection {wrong};") == [
            f'invalid parameter "{wrong}"'
        ]
