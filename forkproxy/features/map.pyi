from collections.abc import Iterable

from forkproxy.config.directives.map import Map
from forkproxy.core.making import Making

def declare(maps: Iterable[Map], making: Making) -> None: ...
def define(maps: Iterable[Map], making: Making) -> None: ...
