"""What is asked for again and again is at hand, and no longer than it is what the store has."""

from forkproxy.cache import purge
from forkproxy.cache.job import Job
from forkproxy.cache.scribe import perform
from tests.support.caching import answers, caching, fresh
from tests.support.eventually import eventually

KEY = "proxy_cache_key $uri;"


def ask_often(server):
    server.ask()
    server.settle()
    for _ in range(4):
        assert (server.ask().status, server.ask().body) == ("HIT", b"one")


def test_a_purge_is_seen_by_the_next_request():
    with caching(answers(fresh(b"one"), fresh(b"two")), http=KEY) as server:
        ask_often(server)
        perform(server.zone, [Job(server.zone, 0, purge.one(b"/", False), lambda _: None)])
        assert (server.ask().status, server.ask().body) == ("MISS", b"two")


def test_a_purge_of_everything_is_seen_by_the_next_request():
    with caching(answers(fresh(b"one"), fresh(b"two")), http=KEY) as server:
        ask_often(server)
        perform(server.zone, [Job(server.zone, 0, purge.everything(False), lambda _: None)])
        assert server.ask().status == "MISS"


def test_what_replaces_an_answer_is_seen_by_the_next_request():
    text = "proxy_cache_bypass $arg_new;"
    with caching(answers(fresh(b"one"), fresh(b"two")), text, http=KEY) as server:
        ask_often(server)
        assert server.ask(b"/?new=1").status == "BYPASS"
        server.settle()
        assert (server.ask().status, server.ask().body) == ("HIT", b"two")


def test_a_change_that_its_writer_did_not_live_to_count_is_seen_within_a_second():
    with caching(answers(fresh(b"one"), fresh(b"two")), http=KEY) as server:
        ask_often(server)
        with server.zone.store.writing() as tables:
            tables.entries.delete(b"/")
        assert server.ask().body == b"one"
        eventually(lambda: server.ask().body == b"two")


def test_more_than_the_table_may_hold_is_served_all_the_same():
    bodies = [bytes([number]) * 130000 for number in range(1, 80)]
    with caching(answers(*map(fresh, bodies)), http=KEY) as server:
        for number in range(len(bodies)):
            server.ask(b"/%d" % number)
        server.settle()
        for number in [*range(len(bodies))] * 3:
            hit = server.ask(b"/%d" % number)
            assert (hit.status, hit.body) == ("HIT", bodies[number])


def test_an_entry_at_hand_serves_several_at_once():
    with caching(answers(fresh(b"0123456789", b"Accept-Ranges: bytes")), http=KEY) as server:
        server.ask()
        server.settle()
        for _ in range(3):
            assert server.ask(b"/", b"Range: bytes=0-1,4-5").body.count(b"\r\n\r\n") == 2
            assert server.ask().body == b"0123456789"
