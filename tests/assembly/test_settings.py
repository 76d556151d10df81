"""What directives say becomes a setting."""

import pytest

from forkproxy.assembly.outside import Paper
from forkproxy.assembly.settings import ASKED, SharedSettings, settings
from forkproxy.config.load import load_text
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


class Asked:
    """A scope that notes what it is asked."""

    def __init__(self, scope):
        self._scope, self.names = scope, set()

    def value(self, name):
        self.names.add(name)
        return self._scope.value(name)

    def lines(self, name):
        self.names.add(name)
        return self._scope.lines(name)


def servers(text):
    return load_text(f"events {{ }} http {{ error_log off; {text} }}").http.blocks("server")


def test_what_decides_over_settings_is_known(tmp_path):
    (server,) = servers("server { }")
    asked = Asked(server)
    settings(asked, Paper(str(tmp_path), None, None))
    asked.lines("error_log")  # what Outside asks, who is on paper here
    assert asked.names == ASKED


def test_servers_that_say_nothing_have_one_object_and_who_says_something_another(tmp_path):
    shared = SharedSettings(Paper(str(tmp_path), None, None))
    one, two, other = map(
        shared.of, servers("server { } server { return 1; } server { etag off; }")
    )
    assert one is two
    assert (one.etag, other.etag) == (True, False)
