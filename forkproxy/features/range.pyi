from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.core.plan import Location

def install(scope: Scope, location: Location, making: Making) -> None: ...
