from collections.abc import Callable

TICK: float

class Watch:
    fd: int

class Task: ...

class Runner:
    task: Task | None

class Poller:
    now: float
    runners: int

    def open(self) -> None: ...
    def close(self) -> None: ...
    def at_turn_end(self, flush: Callable[[], object]) -> None: ...
    def report_to(self, report: Callable[[str, BaseException], object]) -> None: ...
    def spawn(self, function: Callable[..., object], *arguments: object) -> None: ...
    def forget(self, watch: Watch) -> None: ...

poller_object: Poller
