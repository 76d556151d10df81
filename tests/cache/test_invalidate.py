"""Unsafe methods make what is stored invalid (RFC 9111 §4.4)."""

import pytest

from tests.support.caching import answers, caching, fresh, response


def status_after(answer, *, text="proxy_cache_rfc on;", stored=b"/", method=b"POST"):
    """Return what the cache says after an unsafe request to "/"."""
    with caching(answers(fresh(), answer, fresh()), text) as server:
        server.ask(stored)
        server.settle()
        server.ask(b"/", method=method)
        server.settle()
        return server.ask(stored).status


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE", b"M-SEARCH"])
def test_a_success_invalidates_the_target(method):
    assert status_after(response(b"done"), method=method) == "MISS"


def test_a_failure_does_not():
    assert status_after(response(b"no", status=b"500 Broken")) == "HIT"


@pytest.mark.parametrize("name", [b"Location", b"Content-Location"])
def test_so_does_it_with_what_the_answer_names(name):
    answer = response(b"done", name + b": /made", status=b"201 Created")
    assert status_after(answer, stored=b"/made") == "MISS"


def test_but_not_on_another_host():
    answer = response(b"done", b"Location: http://other/made")
    assert status_after(answer, stored=b"/made") == "HIT"


def test_a_safe_method_invalidates_nothing():
    assert status_after(response(b"done"), method=b"OPTIONS") == "HIT"


def test_by_nginx_rules_nothing_is_invalidated():
    assert status_after(response(b"done"), text="") == "HIT"
