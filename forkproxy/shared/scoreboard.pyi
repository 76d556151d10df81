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
    FIXED_CELLS = 32

class PeerCell(IntEnum):
    PEER_ORDER = 0
    PEER_WEIGHT = 1
    PEER_FINDING = 2
    PEER_ACTIVE = 3
    PEER_REQUESTS = 4
    PEER_FAILS = 5
    PEER_SENT = 6
    PEER_RECEIVED = 7
    PEER_CELLS = 16

class Order(IntEnum):
    ORDER_READY = 0
    ORDER_DRAIN = 1
    ORDER_DOWN = 2

class Finding(IntEnum):
    FINDING_UP = 0
    FINDING_DOWN = 1
    FINDING_EJECTED = 2

class Scoreboard:
    rows: int
    columns: int
    def __init__(self, rows: int, columns: int) -> None: ...
    def claim(self, row: int) -> None: ...
    def row(self, row: int) -> memoryview[int]: ...
    def value(self, row: int, column: int) -> int: ...
    def store(self, row: int, column: int, value: int) -> None: ...
    def add(self, row: int, column: int, amount: int = 1) -> None: ...
    def total(self, column: int) -> int: ...
