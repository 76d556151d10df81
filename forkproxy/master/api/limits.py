"""/api/9/forkproxy/limits: the rates of limit_req, which can be changed until the next reload."""

from __future__ import annotations

from typing import Any

from forkproxy.config.directives.limit import frequency_of
from forkproxy.features import limit_req
from forkproxy.master.api.call import Call
from forkproxy.master.reply import Refused, Reply


def limits(call: Call) -> Reply:
    """List all zones that a line of limit_req counts in."""
    names = call.master.limits()
    return Reply(data=call.collection({name: _shown(call, name) for name in names}))


def limit(call: Call, name: str) -> Reply:
    """Return one of them."""
    return Reply(data=call.limited(_shown(call, name)))


def change(call: Call, name: str) -> None:
    """Give one another rate: {"rate": "20r/s"}; answered when all workers have it."""
    _shown(call, name)
    given = call.content()
    if set(given) != {"rate"}:
        raise Refused('only "rate" can be changed', "LimitReqFormatError")
    try:
        frequency = frequency_of(str(given["rate"]))
    except ValueError:
        raise Refused("invalid rate: write 10r/s or 30r/m", "LimitReqBadRate") from None
    at = call.master.facts().now
    call.master.happenings.note("master", f"limit {name} is {given['rate']} now", at)
    call.master.limit(name, frequency, call.client)


def _shown(call: Call, name: str) -> dict[str, Any]:
    lines = call.master.limits().get(name)
    if not lines:
        raise Refused("limit_req not found", "LimitReqNotFound", 404)
    frequency = limit_req.frequency(lines)
    if frequency % 1000:
        return {"rate": f"{-(-frequency * 60 // 1000)}r/m"}  # it was rounded down when it was read
    return {"rate": f"{frequency // 1000}r/s"}
