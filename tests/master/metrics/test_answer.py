"""Which metrics are answered, and to what question."""

import pytest

from forkproxy.master.api.call import Call
from forkproxy.master.metrics.answer import answer
from forkproxy.master.reply import Refused
from tests.support.administration import Master, upstream


def asked(query="", method="GET"):
    master = Master(upstreams=[upstream("app", "10.0.0.1:80")])
    return answer(Call(master, 7, method, "/metrics", query))


def test_all_of_them_are_text_for_prometheus():
    reply = asked()
    assert reply.content_type == "text/plain; version=0.0.4; charset=utf-8"
    assert "\nforkproxy_build_info{" in reply.text
    assert "\nforkproxy_upstream_peer_up{" in reply.text


def test_a_scope_narrows_them_down():
    reply = asked("scope=upstreams,upstreams")
    assert "forkproxy_build_info" not in reply.text
    assert reply.text.count("\nforkproxy_upstream_peer_up{") == 1


@pytest.mark.parametrize(
    ("method", "query", "status"), [("POST", "", 405), ("GET", "scope=nothing", 400)]
)
def test_what_makes_no_sense_is_refused(method, query, status):
    with pytest.raises(Refused) as caught:
        asked(query, method)
    assert caught.value.status == status
