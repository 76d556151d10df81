"""DNS messages: questions to name servers, and what they answer (RFC 1035, RFC 2782, RFC 3596).

dnspython packs and takes apart; here is what we ask it for. Its parts for the records we want are
imported now, since it would do that when it meets the first one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import IntEnum

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.CNAME
import dns.rdtypes.ANY.SOA
import dns.rdtypes.IN.A
import dns.rdtypes.IN.AAAA
import dns.rdtypes.IN.SRV

NOERROR = 0
SERVFAIL = 2
NXDOMAIN = 3
NOTIMP = 4
REFUSED = 5
TIMED_OUT = 110
# nginx's words for the codes of an answer, and its own one.
WORDS = {
    1: "Format error",
    2: "Server failure",
    3: "Host not found",
    4: "Unimplemented",
    5: "Operation refused",
    TIMED_OUT: "Operation timed out",
}
# Answers that end a search; the others, as in nginx, are as good as none.
FINAL = frozenset((NOERROR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED))
LONGEST = 4096  # octets of a datagram


class Kind(IntEnum):
    """The records that we ask for."""

    A = 1
    AAAA = 28
    SRV = 33


@dataclass(frozen=True, slots=True)
class Service:
    """One SRV record."""

    priority: int
    weight: int
    port: int
    target: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        code: 0, or what went wrong.
        truncated: there is more than a datagram holds: ask again over TCP.
        addresses: of the kind that was asked for.
        services: the same for SRV.
        alias: where a CNAME leads that has no such record with it; "" for none.
        life: seconds that it may be kept.
    """

    code: int
    truncated: bool = False
    addresses: tuple[str, ...] = ()
    services: tuple[Service, ...] = ()
    alias: str = ""
    life: int = 0


def question(name: str, kind: Kind) -> tuple[int, bytes]:
    """Return a fresh number and the message that asks for the records of a name.

    Raises ValueError where it is no name.
    """
    number = secrets.randbelow(65536)
    try:
        asked = dns.message.make_query(name, dns.rdatatype.RdataType(int(kind)), id=number)
    except (dns.exception.DNSException, UnicodeError) as error:
        raise ValueError(f"not a name: {name}") from error
    return number, asked.to_wire()


def answer(message: bytes, number: int, name: str, kind: Kind) -> Reply | None:
    """Read the answer to a question; None where it is none, or not to this one."""
    try:
        # Each record by itself: one that comes twice counts twice, as in nginx.
        got = dns.message.from_wire(message, ignore_trailing=True, one_rr_per_rrset=True)
    except (dns.exception.DNSException, ValueError, UnicodeError, IndexError):
        return None
    if got.id != number or not got.flags & dns.flags.QR or not _asks(got, name, kind):
        return None
    if got.flags & dns.flags.TC:
        return Reply(NOERROR, truncated=True)
    code = int(got.rcode())
    return _records(got, kind) if code == NOERROR else Reply(code)


def _asks(got: dns.message.Message, name: str, kind: Kind) -> bool:
    if len(got.question) != 1:
        return False
    asked = got.question[0]
    return int(asked.rdtype) == int(kind) and asked.name == dns.name.from_text(name)


def _records(got: dns.message.Message, kind: Kind) -> Reply:
    addresses: list[str] = []
    services: list[Service] = []
    aliases: dict[dns.name.Name, dns.name.Name] = {}
    lives: list[int] = []
    for records in got.answer:
        if records.rdclass != dns.rdataclass.IN:
            continue
        wanted = int(records.rdtype) == int(kind)
        if wanted or records.rdtype == dns.rdatatype.CNAME:
            lives.append(records.ttl)
        for record in records:
            if wanted and kind is Kind.SRV:
                target = record.target.to_text(omit_final_dot=True)
                services.append(Service(record.priority, record.weight, record.port, target))
            elif wanted:
                addresses.append(record.address)
            elif records.rdtype == dns.rdatatype.CNAME:
                aliases[records.name] = record.target
    found = bool(addresses or services)
    alias = "" if found else _end(got.question[0].name, aliases)
    return Reply(NOERROR, False, tuple(addresses), tuple(services), alias, min(lives, default=0))


def _end(name: dns.name.Name, aliases: dict[dns.name.Name, dns.name.Name]) -> str:
    """Follow aliases from a name; return where they lead, "" where there are none."""
    seen = {name}
    while name in aliases and aliases[name] not in seen:
        name = aliases[name]
        seen.add(name)
    return name.to_text(omit_final_dot=True) if len(seen) > 1 else ""
