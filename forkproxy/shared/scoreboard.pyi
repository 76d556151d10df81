from enum import IntEnum

class Row(IntEnum):
    MASTER = 0
    KEEPER = 1
    FIRST_WORKER = 2

class Cell(IntEnum):
    BEAT = 0
    ACCEPTED = 1
    HANDLED = 2
    ACTIVE = 3
    READING = 4
    WRITING = 5
    WAITING = 6
    REQUESTS = 7
    RESPAWNS = 8
    KEPT_ACCEPTED = 9
    KEPT_HANDLED = 10
    KEPT_REQUESTS = 11
    KEPT_RESPAWNS = 12
    SAVED_ACCEPTED = 13
    SAVED_HANDLED = 14
    SAVED_REQUESTS = 15
    SAVED_RESPAWNS = 16
    KEPT_LOADED = 17
    PEERS_APPLIED = 18
    WEIGHTS_GIVEN = 19
    KEYVALS_APPLIED = 20
    PROFILING = 21
    CONNECTION_RATE = 22
    CONNECTION_RATE_MOST = 23
    REQUEST_RATE = 24
    REQUEST_RATE_MOST = 25
    ACTIVE_MOST = 26
    TURNS = 32
    FIXED_CELLS = 256

class StandingCell(IntEnum):
    STANDING_ORDER = 0
    STANDING_WEIGHT = 1
    STANDING_FINDING = 2
    STANDING_CHECKED = 3
    STANDING_IN_FLIGHT = 4
    STANDING_FAILED = 5
    STANDING_CHECKED_AT = 6
    STANDING_UP_AT = 7
    STANDING_HEADER_TIME = 8
    STANDING_RESPONSE_TIME = 9
    STANDING_FAILED_AT = 10
    STANDING_SELECTED_AT = 11
    STANDING_BAD_IN_A_ROW = 12
    STANDING_MOST = 13
    STANDING_CELLS = 16

class PeerCell(IntEnum):
    PEER_CHECKS = 0
    PEER_CHECK_FAILS = 1
    PEER_UNHEALTHY = 2
    PEER_LAST_PASSED = 3
    PEER_EJECTIONS = 4
    PEER_DOWN_AT = 5
    PEER_DOWNTIME = 6
    PEER_ACTIVE = 7
    PEER_REQUESTS = 8
    PEER_FAILS = 9
    PEER_UNAVAIL = 10
    PEER_SENT = 11
    PEER_RECEIVED = 12
    PEER_1XX = 13
    PEER_5XX = 17
    PEER_RESPONSE_SUM = 18
    PEER_BUCKETS = 19
    PEER_CODES = 35
    PEER_CHECK_OUTCOME = 51
    PEER_CHECK_CODE = 52
    PEER_CHECK_TIME = 53
    PEER_CHECK_HEALTH = 54
    PEER_CHECK_RISE = 55
    PEER_CHECK_FALL = 56
    PEER_CHANGED_AT = 57
    PEER_UNCHECKED = 58
    PEER_CONNECTS = 59
    PEER_CONNECT_FAILS = 60
    PEER_CONNECT_SUM = 61
    PEER_CONNECT_MOST = 62
    PEER_HEADER_SUM = 63
    PEER_HEADER_MOST = 64
    PEER_RESPONSE_MOST = 65
    PEER_RETRIES = 66
    PEER_REDISPATCHES = 67
    PEER_IDLE = 68
    PEER_RATE = 69
    PEER_RATE_MOST = 70
    PEER_CONNECT_TIME = 71
    PEER_HEADER_TIME = 72
    PEER_RESPONSE_TIME = 73
    PEER_CELLS = 80

class Share(IntEnum):
    CODES = 16

class ZoneCell(IntEnum):
    ZONE_PROCESSING = 0
    ZONE_REQUESTS = 1
    ZONE_DISCARDED = 2
    ZONE_RECEIVED = 3
    ZONE_SENT = 4
    ZONE_1XX = 5
    ZONE_2XX = 6
    ZONE_3XX = 7
    ZONE_4XX = 8
    ZONE_5XX = 9
    ZONE_CODES = 10
    ZONE_HANDSHAKES = 26
    ZONE_HANDSHAKES_FAILED = 27
    ZONE_SESSION_REUSES = 28
    ZONE_RATE = 29
    ZONE_RATE_MOST = 30
    ZONE_MOST = 31

class SslCell(IntEnum):
    SSL_HANDSHAKES = 0
    SSL_HANDSHAKES_FAILED = 1
    SSL_SESSION_REUSES = 2
    SSL_NO_COMMON_PROTOCOL = 3
    SSL_NO_COMMON_CIPHER = 4
    SSL_HANDSHAKE_TIMEOUT = 5
    SSL_PEER_REJECTED_CERT = 6
    SSL_NO_CERT = 7
    SSL_EXPIRED_CERT = 8
    SSL_REVOKED_CERT = 9
    SSL_HOSTNAME_MISMATCH = 10
    SSL_OTHER = 11

class CacheCell(IntEnum):
    CACHE_SIZE = 0
    CACHE_MAX_SIZE = 1
    CACHE_COLD = 2
    CACHE_HIT = 3
    CACHE_HIT_BYTES = 4
    CACHE_STALE = 5
    CACHE_STALE_BYTES = 6
    CACHE_UPDATING = 7
    CACHE_UPDATING_BYTES = 8
    CACHE_REVALIDATED = 9
    CACHE_REVALIDATED_BYTES = 10
    CACHE_MISS = 11
    CACHE_MISS_BYTES = 12
    CACHE_MISS_WRITTEN = 13
    CACHE_MISS_BYTES_WRITTEN = 14
    CACHE_EXPIRED = 15
    CACHE_EXPIRED_BYTES = 16
    CACHE_EXPIRED_WRITTEN = 17
    CACHE_EXPIRED_BYTES_WRITTEN = 18
    CACHE_BYPASS = 19
    CACHE_BYPASS_BYTES = 20
    CACHE_BYPASS_WRITTEN = 21
    CACHE_BYPASS_BYTES_WRITTEN = 22

class LimitReqCell(IntEnum):
    LIMIT_REQ_PASSED = 0
    LIMIT_REQ_DELAYED = 1
    LIMIT_REQ_REJECTED = 2
    LIMIT_REQ_DELAYED_DRY_RUN = 3
    LIMIT_REQ_REJECTED_DRY_RUN = 4

class LimitConnCell(IntEnum):
    LIMIT_CONN_PASSED = 0
    LIMIT_CONN_REJECTED = 1
    LIMIT_CONN_REJECTED_DRY_RUN = 2

class UpstreamCell(IntEnum):
    UPSTREAM_IDLE = 0
    UPSTREAM_QUEUED = 1
    UPSTREAM_OVERFLOWS = 2
    UPSTREAM_WAITED = 3
    UPSTREAM_WAITED_MOST = 4
    UPSTREAM_QUEUED_MOST = 5
    UPSTREAM_RATE = 6
    UPSTREAM_RATE_MOST = 7
    UPSTREAM_MOST = 8
    UPSTREAM_QUEUE_TIME = 9
    UPSTREAM_CONNECT_TIME = 10
    UPSTREAM_HEADER_TIME = 11
    UPSTREAM_RESPONSE_TIME = 12

class ResolverCell(IntEnum):
    RESOLVER_NAME = 0
    RESOLVER_SRV = 1
    RESOLVER_ADDR = 2
    RESOLVER_NOERROR = 3
    RESOLVER_FORMERR = 4
    RESOLVER_SERVFAIL = 5
    RESOLVER_NXDOMAIN = 6
    RESOLVER_NOTIMP = 7
    RESOLVER_REFUSED = 8
    RESOLVER_TIMEDOUT = 9
    RESOLVER_UNKNOWN = 10

class Width(IntEnum):
    TALLY_CELLS = 64

class Order(IntEnum):
    ORDER_READY = 0
    ORDER_DRAIN = 1
    ORDER_DOWN = 2
    ORDER_UP = 3

class Finding(IntEnum):
    FINDING_UP = 0
    FINDING_UNHEALTHY = 1
    FINDING_EJECTED = 2
    FINDING_CHECKING = 3

class Scoreboard:
    rows: int
    columns: int
    def __init__(self, rows: int, columns: int) -> None: ...
    def claim(self, row: int) -> None: ...
    def row(self, row: int) -> memoryview[int]: ...
    def value(self, row: int, column: int) -> int: ...
    def store(self, row: int, column: int, value: int) -> None: ...
    def add(self, row: int, column: int, amount: int = 1) -> None: ...
    def standing_value(self, first: int, cell: int) -> int: ...
    def standing_store(self, first: int, cell: int, value: int) -> None: ...
    def standing_add(self, first: int, cell: int, amount: int) -> int: ...
    def wipe(self, first: int) -> None: ...
    def most(self, column: int) -> int: ...
    def forget_most(self, column: int) -> None: ...
    def total(self, column: int) -> int: ...
    def totals(self, first: int, count: int) -> list[int]: ...
