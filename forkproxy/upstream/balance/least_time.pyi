from forkproxy.upstream.balance.policy import Policy

class LeastTime(Policy):
    def __init__(self, metric: str, inflight: bool = False) -> None: ...
