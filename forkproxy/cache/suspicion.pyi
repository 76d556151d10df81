from forkproxy.wire.fields import NameSet

class Suspicion:
    replaced: NameSet
    keyed: frozenset[bytes]
    body_keyed: bool
