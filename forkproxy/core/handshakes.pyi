from forkproxy.shared.tally import Tally

class Handshakes:
    def __init__(self, all: Tally, zone: Tally | None) -> None: ...
