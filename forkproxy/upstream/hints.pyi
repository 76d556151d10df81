from forkproxy.core.expressions import Expression
from forkproxy.wire.names import NameSet

class Hints:
    def __init__(self, conditions: tuple[Expression, ...], hidden: NameSet) -> None: ...
