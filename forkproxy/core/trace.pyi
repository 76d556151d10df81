from collections.abc import Callable

from forkproxy.core.exchange import Client, Exchange, Response
from forkproxy.core.plan import Handler, Location, Server, Step
from forkproxy.core.router import Names
from forkproxy.wire.head import RequestHead

Tell = Callable[[str, Step | Handler, Exchange, bool, Response | None], None]

class Asker(Client):
    def __init__(
        self, address: bytes, port: int, own_address: bytes, own_port: int, secure: bool
    ) -> None: ...

def watch(location: Location, tell: Tell) -> None: ...
def watch_server(server: Server, tell: Tell) -> None: ...
def ask(head: RequestHead, asker: Asker, names: Names) -> Exchange: ...
def server_for(head: RequestHead, asker: Asker, names: Names) -> Server: ...
