class Queue:
    most: int
    timeout: float
    overflows: int
    size: int

    def __init__(self, most: int, timeout: float = 60.0) -> None: ...
