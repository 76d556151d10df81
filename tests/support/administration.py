"""A master that remembers what it is asked for, in the place of master.process.Master."""


class Master:
    """Has one worker and the peer api/10.0.0.1:80."""

    def __init__(self):
        self.asked = []
        self.orders = {}

    def status(self):
        return {"pid": 1, "totals": {"requests": 2}, "workers": [{"slot": 0, "pid": 3}]}

    def workers(self):
        return self.status()["workers"]

    def order(self, peer, order):
        if peer != "api/10.0.0.1:80":
            raise KeyError(peer)
        self.orders[peer] = order

    def ask(self, command, client):
        self.asked.append((command, client))

    def dump(self, client):
        self.asked.append(("dump", client))
