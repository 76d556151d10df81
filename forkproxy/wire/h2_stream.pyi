from forkproxy.wire.fields import Fields
from forkproxy.wire.head import RequestHead

class H2Stream:
    id: int
    head: RequestHead | None
    status: int
    wrong: str | None
    urgency: int
    tunnel: bool
    ended: bool
    closed: bool
    malformed: bool
    code: int
    trailers: Fields | None
    received: int
    last: bool
    done: bool
    sent: int
