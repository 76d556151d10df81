from forkproxy.config.scope import Scope
from forkproxy.core.making import Making
from forkproxy.core.plan import Location

class Unsatisfiable(Exception): ...  # noqa: N818 (it says what the ranges are)

def parse_ranges(text: bytes, length: int, most: int) -> list[tuple[int, int]] | None: ...
def install(scope: Scope, location: Location, making: Making) -> None: ...
