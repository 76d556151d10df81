from forkproxy.shared.tally import Tally

class Queue:
    most: int
    timeout: float
    counts: Tally | None
    size: int

    def __init__(self, most: int, timeout: float = 60.0) -> None: ...
