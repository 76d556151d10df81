"""What the floors above need of gevent, beside streams: greenlets with names, timers, watches.

The hub belongs to one process and is opened after the fork, by `open_hub`; the master never does.
"""

from __future__ import annotations

import gc
import traceback
from collections.abc import Callable
from typing import Any

import gevent
import gevent.event
import gevent.hub

# The hub would import these when it is first used, in a worker: long after the files on disk may
# have been replaced by those of another version.
import gevent.libev.corecext
import gevent.resolver.thread
import gevent.threadpool
from gevent._hub_local import get_hub_if_exists
from greenlet import greenlet

from forkproxy.net import turns
from forkproxy.net.poller import Runner, poller_object

READ = 1  # libev's name for "can be read"

Report = Callable[[str, BaseException | None], None]

Event = gevent.event.Event

_hubs: list[Any] = []  # the one of this process, once it is open


def hub_started() -> bool:
    """Tell whether this thread runs gevent's hub."""
    return get_hub_if_exists() is not None


def open_hub(report: Report) -> None:
    """Start gevent's hub and the poller in this process; what nobody catches goes to `report`."""
    hub = gevent.hub.get_hub()
    _hubs[:] = [hub]
    hub.print_exception = lambda context, _type, error, _trace: report(f"in {context!r}", error)
    turns.follow(hub.loop)
    poller_object.open()
    poller_object.report_to(report)


def soon(function: Callable[[], object]) -> None:
    """Call a function in the hub, from any thread; it must not wait."""
    _hubs[-1].loop.run_callback_threadsafe(function)


def spawn(name: str, function: Callable[..., object], *arguments: object) -> None:
    """Run a function in a greenlet of its own, in the next turn of the loop."""
    started = gevent.Greenlet(function, *arguments)
    started.name = name
    started.start()


def sleep(seconds: float) -> None:
    """Let the others run. Waits."""
    gevent.sleep(seconds)


def in_thread(function: Callable[..., Any], *arguments: object) -> Any:
    """Run a function in a thread of the hub's pool; return what it returns. Waits.

    What it raises is raised here. The pool itself would also report it, and pickle its traceback.
    """

    def run() -> tuple[Any, Exception | None]:
        try:
            return function(*arguments), None
        except Exception as error:
            return None, error

    returned, error = gevent.hub.get_hub().threadpool.apply(run)
    if error is not None:
        raise error
    return returned


class Timer:
    """Calls a function in the hub, again and again, until stop(); it must not wait."""

    def __init__(self, interval: float, function: Callable[[], object]) -> None:
        self._watcher: Any = gevent.hub.get_hub().loop.timer(interval, interval)
        self._watcher.start(function)

    def stop(self) -> None:
        self._watcher.stop()
        self._watcher.close()


class Watch:
    """Calls a function in the hub whenever a descriptor can be read, until stop()."""

    def __init__(self, descriptor: int, function: Callable[[], object]) -> None:
        self._watcher: Any = gevent.hub.get_hub().loop.io(descriptor, READ)
        self._watcher.start(function)

    def stop(self) -> None:
        self._watcher.stop()
        self._watcher.close()


def dump() -> list[str]:
    """Return what every greenlet is doing, as lines of text.

    Compiled functions leave no Python frames; those greenlets show their task alone.
    """
    lines: list[str] = []
    for found in gc.get_objects():
        if isinstance(found, Runner) and found.task is not None:
            lines.append(f"greenlet of {found.task!r}")
        elif isinstance(found, greenlet) and found.gr_frame is not None:
            lines.append(f"greenlet {getattr(found, 'name', None) or repr(found)}")
            stack = traceback.format_stack(found.gr_frame)
            lines += [line for entry in stack for line in entry.rstrip().split("\n")]
    return lines
