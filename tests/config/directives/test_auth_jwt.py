import pytest

from forkproxy.config.directives.auth_jwt import AuthJwt, Picked, Require
from forkproxy.config.template import Var
from tests.support.configuration import errors, level


def value(text, place="location"):
    name = text.split()[0]
    return level(place, text).own(name)[0].value


def test_a_realm_and_a_token():
    assert value("auth_jwt api;") == AuthJwt(("api",))
    assert value("auth_jwt api token=$cookie_t;") == AuthJwt(("api",), (Var("cookie_t"),))
    assert value("auth_jwt off;") is None


def test_what_is_required():
    assert value("auth_jwt_require $uri $host;") == Require(((Var("uri"),), (Var("host"),)))
    assert value("auth_jwt_require $uri error=403;") == Require(((Var("uri"),),), 403)


def test_what_is_picked():
    assert value("auth_jwt_claim_set $a b c;", "http") == Picked("a", ("b", "c"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("auth_jwt a b;", 'invalid parameter "b"'),
        ("auth_jwt a token=x;", 'invalid parameter "token=x"'),
        ("auth_jwt_require $uri error=500;", 'invalid parameter "error=500"'),
        ("auth_jwt_require error=401;", '"auth_jwt_require" directive needs a value'),
        ("auth_jwt_type x;", 'invalid value "x"'),
        ("auth_jwt_type nested;", '"nested" tokens are not supported by this version of forkproxy'),
    ],
)
def test_what_is_wrong_is_said(text, message):
    assert errors("location", text) == [message]


def test_variables_of_nginx_are_not_to_be_set():
    assert errors("http", "auth_jwt_claim_set a b;") == ['invalid variable name "a"']
    assert errors("http", "auth_jwt_claim_set $uri b;") == ['the duplicate "uri" variable']
