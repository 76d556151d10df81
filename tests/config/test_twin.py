"""A family of directives under the names of another."""

import pytest

from forkproxy.config.directives.gateways import view
from tests.support.configuration import level


def fastcgi(text):
    return view(level("location", text), "fastcgi")


def test_a_name_is_read_from_its_twin():
    assert (
        fastcgi("fastcgi_read_timeout 5s; proxy_read_timeout 9s;").value("proxy_read_timeout")
        == 5.0
    )


def test_nobody_gave_what_only_the_original_says():
    scope = fastcgi("proxy_read_timeout 9s; proxy_hide_header X;")
    assert scope.value("proxy_read_timeout") == 60.0
    assert scope.given("proxy_read_timeout") is None
    assert scope.lines("proxy_hide_header") == ()


def test_what_the_family_does_not_have_says_its_default():
    scope = fastcgi("proxy_set_header A b; proxy_http_version 1.0;")
    assert scope.value("proxy_http_version") == "1.1"
    assert scope.given("proxy_set_header") is None
    assert scope.lines("proxy_set_header") == ()
    assert scope.own("proxy_set_header") == ()


def test_a_default_that_hangs_on_others_hangs_on_their_twins():
    assert fastcgi("fastcgi_buffers 8 64k;").value("proxy_busy_buffers_size") == 128 * 1024


@pytest.mark.parametrize("name", ["kind", "parent", "at"])
def test_everything_else_is_the_scopes(name):
    scope = fastcgi("")
    assert getattr(scope, name) == getattr(scope.scope, name)


def test_other_directives_mean_what_they_always_do():
    assert fastcgi("resolver_timeout 3s;").value("resolver_timeout") == 3.0
