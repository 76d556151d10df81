"""A zone: opened after the fork, warm after a restart, made anew where its store is broken."""

from forkproxy.cache import zone
from forkproxy.config.directives.cache import CachePath
from tests.support.caching import answers, caching, fresh
from tests.support.eventually import eventually


def path(folder, **options):
    return CachePath(str(folder), "z", 16384, **options)


def test_a_zone_at_the_same_place_is_the_same(tmp_path):
    first = zone.zone_of(path(tmp_path))
    assert zone.zone_of(path(tmp_path, inactive=5.0)) is first
    assert first.settings.inactive == 5.0
    assert zone.zone_of(path(tmp_path, max_size=1024)) is not first


def test_what_is_stored_is_there_after_a_restart():
    with caching(answers(fresh(b"one"), fresh(b"two")), http="proxy_cache_key $uri;") as server:
        server.ask()
        server.zone.close()
        assert (server.ask().status, server.ask().body) == ("HIT", b"one")


def test_a_broken_store_is_made_anew_and_service_goes_on():
    with caching(answers(fresh(b"one"), fresh(b"two")), http="proxy_cache_key $uri;") as server:
        server.ask()
        server.zone.close()
        (data,) = (server.prefix / "cache").glob("cache-*/data.mdb")
        data.write_bytes(b"\xff" * 8192)
        assert server.ask().body == b"two"
        eventually(lambda: server.ask().status == "HIT")
        eventually(lambda: not data.exists())


def test_a_folder_that_cannot_be_used_makes_everything_a_miss():
    with caching(answers(fresh())) as server:
        (server.prefix / "cache" / "bodies").write_text("in the way")
        assert server.ask().status == "MISS"
        server.settle()
        assert server.ask().status == "MISS"


def test_answers_and_refusals_are_counted():
    with caching(answers(fresh(b"12345"))) as server:
        server.statuses(b"/", b"/", b"/")
        server.settle()
        counts = server.zone.counts()
        assert counts["answers"]["hit"] == {"responses": 2, "bytes": 10}
        assert counts["answers"]["miss"]["responses"] == 1
        assert (counts["stored"], counts["not_stored"]) == (1, {})
