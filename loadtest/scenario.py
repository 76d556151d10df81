"""What a scenario is: a way to measure one running proxy, and the columns of its table."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from loadtest.child import Cores
from loadtest.proxies import Running
from loadtest.site import FORWARDED, Task


@dataclass(frozen=True, slots=True)
class Terms:
    """The conditions that hold for all measurements of a run.

    Attributes:
        seconds: one measurement lasts.
        connections: the load has open at once.
        folder: for what the load writes.
    """

    seconds: float
    connections: int
    cores: Cores
    folder: Path


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement of one proxy.

    Attributes:
        values: by key of a column; None where there is none: it never happened.
        failures: how many requests failed, by kind.
    """

    values: dict[str, float | None]
    failures: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A number of a sample, and how it is shown."""

    key: str
    title: str
    show: Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Something to measure.

    Attributes:
        summary: one line for --help.
        cost: the key of the column in which proxies are compared, less being better; or "".
        rounds, seconds: unless the command line says otherwise; 0 seconds: it takes its time.
        connections: likewise.
        task: what the proxies do.
        fresh: whether each measurement needs a proxy just started, nobody having used it.
    """

    summary: str
    measure: Callable[[Running, Terms], Sample]
    columns: tuple[Column, ...]
    cost: str = ""
    rounds: int = 5
    seconds: float = 5.0
    connections: int = 64
    fresh: bool = False
    task: Task = FORWARDED


def whole(value: float) -> str:
    return f"{value:,.0f}"


def one_decimal(value: float) -> str:
    return f"{value:,.1f}"


def milliseconds(value: float) -> str:
    return f"{value * 1e3:.2f}"


def mebibytes(value: float) -> str:
    return f"{value / (1 << 20):.1f}"
