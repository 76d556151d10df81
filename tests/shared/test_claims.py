"""One holder a key, over all processes."""

import multiprocessing
import signal

from forkproxy.shared.claims import Claims

FORKING = multiprocessing.get_context("fork")


def in_a_child(act):
    """Run something in a forked child that stays; return the child."""
    ready = FORKING.Event()

    def run():
        act()
        ready.set()
        signal.pause()

    child = FORKING.Process(target=run)
    child.start()
    assert ready.wait(5.0)
    return child


def end(child):
    child.kill()
    child.join(5.0)


def test_a_key_has_one_holder():
    claims = Claims(128)
    assert claims.claim(b"a")
    assert not claims.claim(b"a")
    assert claims.claim(b"b")


def test_a_claim_that_was_let_go_can_be_taken():
    claims = Claims(128)
    claims.claim(b"a")
    claims.let_go(b"a")
    assert not claims.held_by_somebody(b"a")
    assert claims.claim(b"a")


def test_another_process_holds_it_for_us_too():
    claims = Claims(128)
    child = in_a_child(lambda: claims.claim(b"a"))
    try:
        assert claims.held_by_somebody(b"a")
        assert not claims.claim(b"a")
        claims.let_go(b"a")  # it is not ours to let go
        assert claims.held_by_somebody(b"a")
    finally:
        end(child)


def test_the_claim_of_a_process_that_died_is_void():
    claims = Claims(128)
    end(in_a_child(lambda: claims.claim(b"a")))
    assert not claims.held_by_somebody(b"a")
    assert claims.claim(b"a")


def test_a_full_table_grants_none():
    claims = Claims(128)
    granted = sum(claims.claim(b"%d" % index) for index in range(1000))
    assert 64 < granted <= 128


def test_the_holder_of_a_claim_can_be_called():
    claims = Claims(128)
    claims.claim(b"a")
    assert not claims.is_called(b"a")
    claims.call_holder(b"a")
    assert claims.is_called(b"a")


def test_a_call_ends_with_the_claim():
    claims = Claims(128)
    claims.claim(b"a")
    claims.call_holder(b"a")
    claims.let_go(b"a")
    claims.claim(b"a")
    assert not claims.is_called(b"a")


def test_a_call_is_for_its_holder_alone():
    claims = Claims(128)
    child = in_a_child(lambda: claims.claim(b"a"))
    try:
        claims.call_holder(b"a")
        assert not claims.is_called(b"a")
    finally:
        end(child)
