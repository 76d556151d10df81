from forkproxy.core.expressions import Expression
from forkproxy.upstream.balance.policy import Policy

class Ring(Policy):
    def __init__(self, key: Expression) -> None: ...
