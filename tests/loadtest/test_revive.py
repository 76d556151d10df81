import time

from forkproxy.build import build
from forkproxy.config.load import load_text
from loadtest import revive


def test_the_configuration_has_three_servers_and_a_check(tmp_path):
    text = revive.configuration(tmp_path, 18000, [18001, 18002, 18003])
    generation = build(load_text(text, prefix=str(tmp_path)))
    generation.close()
    (upstream,) = generation.upstreams
    assert len(upstream.peers) == 3
    (check,) = upstream.checks
    assert check.settings.interval == revive.INTERVAL


def test_a_mark_is_found_in_the_error_log(tmp_path):
    (tmp_path / "error.log").write_text("peer is unhealthy: x\n")
    now = time.monotonic()
    assert revive.marked_at(tmp_path, "is unhealthy", now) >= now
    assert revive.marked_at(tmp_path, "is healthy", now - 60.0) is None
