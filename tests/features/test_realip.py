"""realip: whose address counts."""

import pytest

from forkproxy.errors import ConfigError
from tests.support.client import get
from tests.support.inside import Inside

SHOW = 'return 200 "$remote_addr:$remote_port $realip_remote_addr";'


def seen(conf, *fields):
    with Inside(f"{conf} location / {{ {SHOW} }}") as server:
        return get(server.address, b"/", *fields).body


FROM = "set_real_ip_from 127.0.0.0/8;"


@pytest.mark.parametrize(
    ("conf", "fields", "shown"),
    [
        (FROM, [b"X-Real-IP: 1.2.3.4"], b"1.2.3.4: 127.0.0.1"),
        (FROM, [b"X-Real-IP: 1.2.3.4:55"], b"1.2.3.4:55 127.0.0.1"),
        (FROM + "real_ip_header X-Other;", [b"X-Other: 1.2.3.4"], b"1.2.3.4: 127.0.0.1"),
        (
            FROM + "real_ip_header X-Forwarded-For; real_ip_recursive on;",
            [b"X-Forwarded-For: 1.2.3.4, 127.0.0.2"],
            b"1.2.3.4: 127.0.0.1",
        ),
    ],
)
def test_a_trusted_proxy_names_the_client(conf, fields, shown):
    assert seen(conf, *fields) == shown


@pytest.mark.parametrize("conf", ["", "set_real_ip_from 10.0.0.0/8;", "set_real_ip_from unix:;"])
def test_nobody_else_does(conf):
    assert seen(conf, b"X-Real-IP: 1.2.3.4").startswith(b"127.0.0.1:")


def test_a_location_may_trust_on_its_own():
    with Inside(f"location / {{ {FROM} add_header X $remote_addr always; }}") as server:
        assert get(server.address, b"/none", b"X-Real-IP: 1.2.3.4").get(b"x") == b"1.2.3.4"


def test_what_is_no_address_changes_nothing():
    assert seen(FROM, b"X-Real-IP: nonsense").startswith(b"127.0.0.1:")


def test_a_host_may_be_trusted():
    shown = seen("set_real_ip_from localhost;", b"X-Real-IP: 1.2.3.4")
    assert shown == b"1.2.3.4: 127.0.0.1"


def test_a_host_without_an_address_is_an_error():
    with pytest.raises(ConfigError, match="host not found in set_real_ip_from"):
        Inside("set_real_ip_from nowhere.invalid; return 200;")
