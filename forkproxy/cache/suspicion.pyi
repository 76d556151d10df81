from forkproxy.wire.names import NameSet

class Suspicion:
    replaced: NameSet
    keyed: frozenset[bytes]
    body_keyed: bool
