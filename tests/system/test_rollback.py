"""Going back to what was served before, with real processes."""

import pytest

from forkproxy.cli import control
from forkproxy.cli.main import main
from tests.support.client import get
from tests.support.eventually import eventually
from tests.support.proxy import Proxy, serving


def conf(text):
    return "control_socket unix:%PREFIX%/control.sock;" + serving(
        f"location / {{ return 200 {text}; }}"
    )


@pytest.fixture
def proxy():
    with Proxy(conf("one")) as proxy:
        proxy.socket = f"{proxy.prefix}/control.sock"
        yield proxy


def body(proxy):
    return get(proxy.address, b"/").body


def test_a_rollback_serves_what_was_read_then_until_the_next_reload(proxy, capsys):
    proxy.reload(conf("two"))
    eventually(lambda: body(proxy) == b"two")
    assert main(["rollback", "--socket", proxy.socket]) == 0
    assert "as generation 1 had it" in capsys.readouterr().out
    assert body(proxy) == b"one"
    main(["history", "--socket", proxy.socket])
    said = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in said[1:]] == ["3", "2", "1"]
    # A new certificate is no wish for what the files say.
    assert control.ask(proxy.socket, "POST", "certs", "reload").status == 200
    assert body(proxy) == b"one"
    assert control.ask(proxy.socket, "POST", "reload").status == 200
    assert body(proxy) == b"two"


def test_a_load_that_failed_is_in_the_history_with_its_reason(proxy):
    proxy.write(conf("one") + "mistake;")
    assert control.ask(proxy.socket, "POST", "reload").status == 409
    rows = control.ask(proxy.socket, "GET", "history").data["history"]
    assert [row["state"] for row in rows] == ["failed", "serving"]
    assert "mistake" in rows[0]["reason"]
