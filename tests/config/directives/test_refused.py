import re

import crossplane
import pytest

from forkproxy.config.directives import TABLE, refused
from forkproxy.config.row import Tier
from tests.support.configuration import errors

# Ignoring one of these would let somebody in, or leave something unguarded.
GUARDS = [
    "allow",
    "auth_basic",
    "auth_jwt",
    "auth_request",
    "deny",
    "limit_conn",
    "limit_except",
    "limit_rate",
    "limit_req",
    "modsecurity",
    "satisfy",
    "secure_link",
    "ssl_certificate",
    "ssl_verify_client",
    "valid_referers",
]


def test_no_name_is_refused_that_is_also_built():
    for row in refused.ROWS:
        assert TABLE[row.name] == (row,), row.name


def test_each_refusal_has_a_reason_or_something_to_do_instead():
    assert not [row.name for row in refused.ROWS if not row.reason and not row.instead]


def test_what_is_to_be_used_instead_is_there():
    named = {name for row in refused.ROWS for name in re.findall(r"\w+_\w+", row.instead)}
    rows = [TABLE[name][0] for name in named - {"http_user_agent", "request_id"}]
    assert not [row.name for row in rows if row.tier is Tier.REFUSED]


@pytest.mark.parametrize("name", GUARDS)
def test_what_guards_is_refused_until_it_is_built(name):
    assert all(row.tier is not Tier.ACCEPTED for row in TABLE[name])


def test_every_directive_that_crossplane_knows_is_known_here():
    known = set(crossplane.analyzer.DIRECTIVES) - {"include"}
    assert known - TABLE.keys() == set()


def test_it_says_that_it_is_known_and_not_built():
    assert errors("http", "auth_ldap on;") == [
        '"auth_ldap" is not supported by this version of forkproxy'
    ]


def test_a_block_is_refused_like_a_line():
    assert errors("http", "oidc_provider a { 80 1; }") == [
        '"oidc_provider" is not supported by this version of forkproxy'
    ]
