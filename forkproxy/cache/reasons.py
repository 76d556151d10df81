"""Why an answer was not stored: one word each, for logs, counters and people."""

from __future__ import annotations

from enum import IntEnum


class Reason(IntEnum):
    """One of them; the names are what logs, `forkproxy cache why` and Cache-Status show."""

    STORED = 0
    METHOD = 1  # its method is not among proxy_cache_methods
    BYPASSED = 2  # proxy_cache_bypass
    NOT_WANTED = 3  # proxy_no_cache
    NO_STORE = 4  # Cache-Control: no-store
    PRIVATE = 5  # Cache-Control: private
    NO_CACHE = 6  # Cache-Control: no-cache, where nginx's rules hold
    SET_COOKIE = 7  # Set-Cookie, where nginx's rules hold
    VARY_ANYTHING = 8  # Vary: *
    AUTHORIZATION = 9  # the request had credentials, and the answer does not say it may be shared
    NO_LIFETIME = 10  # nothing says for how long, and there is nothing to validate it by
    EXPIRED = 11  # stale when it came, and nothing to validate it by
    PARTIAL = 12  # 206, for a key that does not say which part
    TOO_FEW_USES = 13  # proxy_cache_min_uses
    LOCK_TIMEOUT = 14  # proxy_cache_lock_timeout passed while another was storing it
    RANGE_OFFSET = 15  # proxy_cache_max_range_offset
    ANOTHER_STORES = 16  # another request is storing the same
    TRUNCATED = 17  # it ended before its end
    REQUEST_NO_STORE = 18  # the request said Cache-Control: no-store
    NOT_UNDERSTOOD = 19  # must-understand, with a status that we do not know
    REDIRECTED_INSIDE = 20  # X-Accel-Redirect
    SWITCHED = 21  # 101
    KEY_EMPTY = 22
    HEAD_TOO_LARGE = 23
    TOO_MANY_VARIANTS = 24
    STORE_FULL = 25  # the map has no room until something is evicted
    DISK_FULL = 26  # or the disk
    STORE_BUSY = 27  # more waits to be written than memory should hold
    STORE_BROKEN = 28
    PURGED_MEANWHILE = 29  # a purge came while it was fetched
    UPSTREAM_FAILED = 30
    # Poisoning: what the key does not tell apart, and the origin may.
    REQUEST_BODY = 31  # a GET with content
    METHOD_OVERRIDE = 32  # X-HTTP-Method-Override and its kin
    UNKEYED_FIELD = 33  # X-Forwarded-Host and its kin, passed on as the client sent it
    CONFUSING_PATH = 34  # encoded separators, dots or control characters
    DECEPTIVE_SUFFIX = 35  # /account/x.css that is no style sheet
    LYING_LENGTH = 36  # more came than its length says
    SEVERAL_PARTS = 37  # 206 with several parts in one
    UNKNOWN_PART = 38  # 206 that does not say for certain which part it is
    HEAD_OMITTED = 39  # 206 to If-Range, which may leave fields out; and there is nothing to add to
    TOO_MANY_PARTS = 40  # of one answer, which do not touch

    @property
    def shown(self) -> str:
        """The reason as it is written in logs and fields."""
        return self.name.lower().replace("_", "-")


SUSPICIOUS = frozenset(
    (
        Reason.REQUEST_BODY,
        Reason.METHOD_OVERRIDE,
        Reason.UNKEYED_FIELD,
        Reason.CONFUSING_PATH,
        Reason.DECEPTIVE_SUFFIX,
    )
)
