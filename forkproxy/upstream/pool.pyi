from forkproxy.shared.tally import Tally

class Pool:
    most: int
    local: bool
    requests: int
    timeout: float
    time: float
    counts: Tally | None

    def __init__(
        self,
        most: int = 32,
        requests: int = 1000,
        timeout: float = 60.0,
        time: float = 3600.0,
        local: bool = False,
    ) -> None: ...
    def close(self) -> None: ...
