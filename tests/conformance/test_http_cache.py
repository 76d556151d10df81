"""The public HTTP cache tests, where node and they are installed (tests/conformance/http_cache.py).

What is listed here does not pass, each for its reason; nothing else may fail.
"""

import pytest

from tests.conformance import http_cache

NOT_PASSED = {
    # RFC 9111 §5.1 would have the first of several ages counted; that is asked of one list and
    # refused of all others. Ours: what cannot say how old it is, is stale.
    "age-parse-prefix",
    # A transfer coding that nobody knows: the octets would go on with it, and without its name.
    "headers-store-Transfer-Encoding",
    # More comes than Content-Length says: such an answer is not stored.
    "headers-store-Content-Length",
    "304-etag-update-response-Content-Length",
    # No answer is left but 502, which the suite takes for one from the cache.
    "stale-close-must-revalidate",
    "stale-close-proxy-revalidate",
    "stale-close-no-cache",
    "stale-close-s-maxage=2",
    # §4.3.2: Date stands in for Last-Modified, and is later than the client's date.
    "conditional-lm-fresh-no-lm",
    # Nothing says that the origin would not have chosen another language.
    "vary-normalise-lang-select",
    # Parts without a validator, with less in them than their Content-Range says.
    "partial-store-partial-reuse-partial",
    "partial-store-partial-reuse-partial-byterange",
    "partial-store-partial-reuse-partial-absent",
    "partial-store-partial-reuse-partial-suffix",
    "partial-store-partial-complete",
}


def test_all_that_is_required_or_optimal_passes_but_what_has_a_reason():
    reason = http_cache.missing()
    if reason is not None:
        pytest.skip(reason)
    tests = [test for test in http_cache.run() if test.kind != "check"]
    assert len(tests) == 260
    assert {test.id for test in tests if test.said is not None} <= NOT_PASSED
