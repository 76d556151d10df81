import pytest

from forkproxy.config.variables import AVAILABLE, MISSING, assignable, objection


@pytest.mark.parametrize("name", ["host", "http_x_foo", "arg_a", "cookie_b", "sent_http_etag"])
def test_nginxs_own_variables_are_known(name):
    assert objection(name, set()) is None


def test_a_defined_variable_is_known():
    assert objection("mine", {"mine"}) is None


def test_an_unknown_variable_is_refused_with_the_nearest():
    assert objection("htost", set()) == ('unknown "htost" variable', "did you mean $host?")
    assert objection("backen", {"backend"}) == (
        'unknown "backen" variable',
        "did you mean $backend?",
    )
    assert objection("zzzzzz", set()) == ('unknown "zzzzzz" variable', "")


@pytest.mark.parametrize("name", ["ssl_sigalg", "memcached_key", "oidc_claim_x"])
def test_a_variable_that_is_not_built_is_refused_as_such(name):
    message, _ = objection(name, set())
    assert message == f'the "{name}" variable is not supported by this version of forkproxy'


def test_what_nginx_computes_cannot_be_assigned():
    assert not assignable("host")
    assert not assignable("ssl_protocol")
    assert assignable("args")
    assert assignable("http_x")
    assert assignable("mine")


def test_no_name_is_both_there_and_missing():
    assert not AVAILABLE & MISSING
