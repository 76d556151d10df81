"""GET /metrics, on the control socket or by way of a location: what it says, and to whom.

`?scope=process,zones` narrows it down to groups of metrics, where there are too many peers to
look at each time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from forkproxy.master.administration import Master
from forkproxy.master.api.call import Call
from forkproxy.master.metrics import process, upstreams, zones
from forkproxy.master.metrics.exposition import CONTENT_TYPE, Family, page
from forkproxy.master.reply import Refused, Reply

GROUPS: dict[str, Callable[[Master], Iterator[Family]]] = {
    "process": process.families,
    "upstreams": upstreams.families,
    **zones.GROUPS,
}


def answer(call: Call) -> Reply | None:
    """Answer with the metrics, all or those of some groups. Raises Refused."""
    if call.method not in ("GET", "HEAD"):
        raise Refused("method disabled", "MethodDisabled", 405)
    scope = call.arguments.get("scope", "")
    wanted = [name for name in scope.split(",") if name] or list(GROUPS)
    for name in wanted:
        if name not in GROUPS:
            raise Refused(f'unknown scope "{name}", not {", ".join(GROUPS)}', "BadScope")
    # A child writes them: with many thousand peers it takes a second.
    return call.master.aside(call.client, lambda: metrics(call.master, wanted))


def metrics(master: Master, wanted: Sequence[str]) -> Reply:
    """Return the metrics of these groups."""
    # In the order of the table, each once: a metric may stand in one place only.
    found = [family for name in GROUPS if name in wanted for family in GROUPS[name](master)]
    return Reply(page(found), content_type=CONTENT_TYPE)
