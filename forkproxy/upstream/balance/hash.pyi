from forkproxy.core.expressions import Expression
from forkproxy.upstream.balance.policy import Policy

class Hash(Policy):
    def __init__(self, key: Expression) -> None: ...
