"""One thread of the test's process that runs gevent's hub, for code that waits on sockets.

A poller belongs to one process and joins one hub, so all tests share this one; it is started
by the first that needs it.
"""

import functools
import threading

import gevent.hub

from forkproxy.net import tasks
from forkproxy.net.poller import poller_object
from tests.support.eventually import PATIENCE

REPORTED = []  # (text, error): what nothing caught


def keep_report(text, error):
    """Where the poller's reports go, in place of the error log."""
    REPORTED.append((text, error))


@functools.cache
def _loop():
    """Start the thread; return its loop."""
    started = threading.Event()
    found = []

    def run():
        tasks.open_hub(keep_report)
        hub = gevent.hub.get_hub()
        hub.loop.timer(3600.0, 3600.0).start(lambda: None)  # a loop with nothing to do would end
        found.append(hub.loop)
        hub.loop.run_callback(started.set)
        hub.join()

    threading.Thread(target=run, name="hub", daemon=True).start()
    started.wait(PATIENCE)
    return found[0]


def in_hub(function, *arguments):
    """Run a function in a greenlet of the hub; return what it returns, or raise what it raises."""
    return begin(function, *arguments)()


def begin(function, *arguments):
    """As in_hub, but wait for the outcome only when the function returned is called."""
    done = threading.Event()
    outcome = []

    def run():
        try:
            outcome.append((function(*arguments), None))
        except BaseException as error:
            outcome.append((None, error))
        finally:
            done.set()

    _loop().run_callback_threadsafe(poller_object.spawn, run)

    def finish():
        assert done.wait(PATIENCE), f"{function} is still waiting"
        value, error = outcome[0]
        if error is not None:
            raise error
        return value

    return finish
