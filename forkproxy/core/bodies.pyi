from forkproxy.core.exchange import Body

class OctetsBody(Body):
    octets: bytes

    def __init__(self, octets: bytes) -> None: ...

class FileBody(Body):
    fd: int
    offset: int
    left: int

    def __init__(self, fd: int, offset: int, length: int, owned: bool = True) -> None: ...
