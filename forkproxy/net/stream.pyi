from forkproxy.net.poller import Watch

SMALL: int
LARGE: int

class Sleeper: ...

class Stream(Watch):
    """One connected socket; `read_by` and `write_by` are monotonic, the limits seconds."""

    read_limit: float
    write_limit: float
    read_by: float
    write_by: float
    readable: bool
    writable: bool
    hung_up: bool
    broken: bool
    received: int
    sent: int

    def __init__(self, fd: int, connected: bool = True) -> None: ...
    def recv(self, most: int = ...) -> bytes: ...
    def send(self, octets: bytes) -> None: ...
    def shut(self) -> None: ...
    def abandon(self) -> None: ...
    def close(self) -> None: ...
    def fileno(self) -> int: ...
