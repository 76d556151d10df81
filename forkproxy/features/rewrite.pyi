from collections.abc import Callable

from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.core.plan import Location, Step

def script(
    scope: Scope, making: Making, block: Callable[[Scope], Location] | None = None
) -> Step | None: ...
