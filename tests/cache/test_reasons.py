"""Why something was not stored."""

from forkproxy.cache.reasons import SUSPICIOUS, Reason


def test_each_reason_is_shown_as_a_token():
    assert Reason.NO_STORE.shown == "no-store"
    assert len({reason.shown for reason in Reason}) == len(Reason)


def test_what_is_suspicious_is_no_matter_of_freshness():
    assert Reason.UNKEYED_FIELD in SUSPICIOUS
    assert Reason.EXPIRED not in SUSPICIOUS
