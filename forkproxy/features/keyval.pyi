from forkproxy.config.directives.keyval import KeyvalZone
from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.shared.keyval import Keyval

class Zone:
    settings: KeyvalZone
    table: Keyval
    def __init__(self, settings: KeyvalZone) -> None: ...

def declare(scope: Scope, making: Making) -> None: ...
def define(scope: Scope, making: Making) -> None: ...
