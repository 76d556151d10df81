import pytest

from forkproxy.config.directives.sticky import StickyCookie, StickyLearn, StickyRoute
from tests.support.configuration import errors, level


def sticky(text):
    return level("upstream", f"sticky {text}; server a;").value("sticky")


def wrong(text):
    (message,) = errors("upstream", f"sticky {text}; server a;")
    return message


def test_a_cookie_has_attributes():
    assert sticky("cookie id") == StickyCookie("id")
    found = sticky("cookie id expires=1h domain=.example.com path=/x httponly secure samesite=lax")
    assert (found.expires, found.path, found.httponly, found.secure) == (3600, "/x", True, True)
    assert found.domain == (".example.com",)
    assert found.samesite == ("lax",)
    assert sticky("cookie id expires=max").expires == -2


def test_a_route_is_the_first_variable_that_has_a_value():
    assert sticky("route $cookie_route $arg_route") == StickyRoute(("cookie_route", "arg_route"))


def test_sessions_are_learnt_from_variables():
    found = sticky("learn create=$upstream_cookie_s lookup=$cookie_s zone=z:1m timeout=1h header")
    assert found == StickyLearn(
        ("upstream_cookie_s",), ("cookie_s",), "z", 1 << 20, 3600.0, header=True
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x y", 'unknown parameter "x"'),
        ('cookie ""', '"sticky" directive empty cookie name'),
        ("cookie id x", 'unknown parameter "x"'),
        ("cookie id path=/ path=/", '"sticky" directive parameter "path" is duplicate'),
        ("cookie id secure secure", '"sticky" directive parameter "secure" is duplicate'),
        ("cookie id expires=x", '"sticky" directive invalid "expires" parameter value'),
        ("cookie id domain=", '"sticky" directive no value for "domain"'),
        ("cookie id samesite=x", '"sticky" directive invalid "samesite" parameter value'),
        ("route x", 'invalid variable name "x"'),
        ("route $nothing", 'unknown "nothing" variable'),
        (
            "learn create=x lookup=$uri zone=z:1m",
            '"sticky" directive missing variable in the "create" parameter',
        ),
        (
            "learn lookup=$uri zone=z:1m",
            '"sticky" directive "create" parameter is not specified',
        ),
        (
            "learn create=$uri zone=z:1m",
            '"sticky" directive "lookup" parameter is not specified',
        ),
        (
            "learn create=$uri lookup=$uri",
            '"sticky" directive "zone" parameter is not specified',
        ),
        ("learn create=$uri zone=z", '"sticky" directive zone size is not specified'),
        ("learn create=$uri zone=:1m", '"sticky" directive zone name is not specified'),
        ("learn create=$uri zone=z:x", '"sticky" directive invalid zone size'),
        ("learn create=$uri zone=z:1k", '"sticky" directive zone is too small'),
        ("learn create=$uri zone=z:1m zone=z:1m", '"sticky" directive duplicate zone'),
        ("learn create=$uri timeout=0", '"sticky" directive invalid timeout'),
        ("learn create=$uri timeout=1 timeout=1", '"sticky" directive duplicate timeout'),
        ("learn create=$uri foot", 'unknown parameter "foot"'),
    ],
)
def test_what_is_wrong_is_said_in_nginxs_words(text, message):
    assert wrong(text) == message
