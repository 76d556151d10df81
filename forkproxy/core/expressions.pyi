from collections.abc import Mapping

from forkproxy.config.template import Template
from forkproxy.core.exchange import Exchange

class Variable:
    name: str

    def __init__(self, name: str) -> None: ...
    def __call__(self, exchange: Exchange) -> bytes | None: ...

class Slot(Variable):
    index: int

    def __init__(self, name: str, index: int) -> None: ...
    def set(self, exchange: Exchange, value: bytes) -> None: ...

class Capture(Variable):
    def __init__(self, group: int) -> None: ...

class Expression:
    text: str
    nodes: tuple[bytes | Variable, ...]
    constant: bool

    def __init__(self, text: str, nodes: tuple[bytes | Variable, ...]) -> None: ...
    def __call__(self, exchange: Exchange) -> bytes: ...

def compile_template(
    template: Template, slots: Mapping[str, Variable], text: str = ""
) -> Expression: ...
