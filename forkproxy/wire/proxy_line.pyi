class ProxyLine:
    """What a PROXY header says of the connection that a proxy in front of us took."""

    address: bytes | None
    port: int
    server_address: bytes | None
    server_port: int
    additions: bytes | None

    def tlv(self, name: str) -> bytes | None: ...

TLVS: dict[str, int]
MOST: int

def parse(octets: bytes) -> tuple[ProxyLine | None, int]: ...
def write_line(address: bytes, port: int, server_address: bytes, server_port: int) -> bytes: ...
def local_record() -> bytes: ...
def write_record(
    address: bytes, port: int, server_address: bytes, server_port: int, tlvs: bytes = ...
) -> bytes: ...
