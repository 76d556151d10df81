"""What directives say becomes a setting."""

import pytest

from tests.support.client import get
from tests.support.inside import Inside


@pytest.mark.parametrize(("tokens", "shown"), [("on", r"forkproxy/"), ("off", "forkproxy")])
def test_the_servers_signature(tokens, shown):
    with Inside(f"server_tokens {tokens}; return 404;") as inside:
        answer = get(inside.address)
    assert answer.get(b"server").decode().startswith(shown)
    assert (b"/" in answer.get(b"server")) == (tokens == "on")


def test_the_keep_alive_field_is_the_second_value():
    with Inside("keepalive_timeout 10 7; return 204;") as inside:
        assert get(inside.address).get(b"keep-alive") == b"timeout=7"
