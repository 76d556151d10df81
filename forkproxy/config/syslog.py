"""Where lines go that are sent to syslog.

syslog:server=ADDRESS[,facility=local7][,severity=info][,tag=nginx][,nohostname]
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from forkproxy.config.address import Address, AddressError, parse_address
from forkproxy.config.row import Arguments, Invalid

PREFIX = "syslog:"
PORT = 514
_NAMED = """kern user mail daemon auth intern lpr news uucp clock authpriv ftp ntp audit alert cron
    local0 local1 local2 local3 local4 local5 local6 local7"""
_LEVELS = "emerg alert crit error warn notice info debug"
FACILITIES, SEVERITIES = _NAMED.split(), _LEVELS.split()
_LONGEST_TAG = 32


@dataclass(frozen=True, slots=True)
class Syslog:
    """One server, and what the lines for it begin with.

    Attributes:
        severity: of the lines of an access log; those of an error log have their own.
    """

    server: Address
    facility: str = "local7"
    severity: str = "info"
    tag: str = "nginx"
    hostname: bool = True


def syslog(args: Arguments) -> Syslog:
    """Read the first argument."""
    found: dict[str, object] = {}
    for part in args[0].removeprefix(PREFIX).split(","):
        name, _, value = part.partition("=")
        key = "hostname" if part == "nohostname" else name
        if key in found:
            raise Invalid(f'duplicate syslog "{name}"')
        found[key] = _value(part, name, value)
    if "server" not in found:
        raise Invalid("no syslog server specified", hint="syslog:server=ADDRESS")
    return Syslog(**found)  # type: ignore[arg-type]


def _value(part: str, name: str, value: str) -> object:
    if part == "nohostname":
        return False
    if name == "server" and "=" in part:
        return _server(value)
    if name == "tag" and "=" in part:
        return _tag(value)
    known = {"facility": FACILITIES, "severity": SEVERITIES}.get(name)
    if known is None or "=" not in part:
        raise Invalid(f'unknown syslog parameter "{part}"')
    if value not in known:
        raise Invalid(f'unknown syslog {name} "{value}"', hint=f"one of: {', '.join(known)}")
    return value


def _server(text: str) -> Address:
    try:
        return parse_address(text, default_port=PORT)
    except AddressError as error:
        raise Invalid(f'{error.reason} in syslog server "{text}"') from None


def _tag(text: str) -> str:
    if len(text) > _LONGEST_TAG:
        raise Invalid(f"syslog tag length exceeds {_LONGEST_TAG}")
    if not re.fullmatch("[0-9A-Za-z_]+", text):
        raise Invalid('syslog "tag" only allows alphanumeric characters and underscore')
    return text
