from forkproxy.shared.instants import InstantTable

class RateTable(InstantTable):
    lasting: bool
    def taken(self, key: bytes, now: int, frequency: int, burst: int) -> tuple[bool, int]: ...
