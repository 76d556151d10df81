"""proxy_store's directives."""

import pytest

from forkproxy.config.directives.proxy_store import Store
from forkproxy.config.template import Var
from tests.support.configuration import errors, level


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("proxy_store on;", Store()),
        ("proxy_store off;", None),
        ("proxy_store a$uri;", Store(("/p/a", Var("uri")))),
        ("proxy_store_access user:rw group:rw all:r;", 0o664),
        ("proxy_store_access group:r;", 0o640),
        ("proxy_store_access user:r;", 0o400),
    ],
)
def test_a_value(text, value):
    assert level("http", text, prefix="/p").value(text.split()[0]) == value


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("proxy_store '';", "empty path"),
        ("proxy_store_access user;", 'invalid value "user"'),
        ("proxy_store_access all:x;", 'invalid value "all:x"'),
        (
            "proxy_cache_path /c keys_zone=z:1m; proxy_cache z; proxy_store on;",
            '"proxy_store" directive is incompatible with "proxy_cache"',
        ),
    ],
)
def test_what_is_wrong(text, reason):
    assert errors("http", text) == [reason]
