"""https auto: one switch for a certificate, a redirect from port 80, and HSTS.

server { server_name example.com; https auto; proxy_pass http://127.0.0.1:3000; }

What it adds to the server is in config/https.py, and which certificate that means in issuers.py.
"""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy import units
from forkproxy.config import values
from forkproxy.config.address import AddressError, parse_address
from forkproxy.config.directives.acme import contact
from forkproxy.config.row import SERVER, Arguments, Inherit, Invalid, row

YEAR = 365 * 86400


@dataclass(frozen=True, slots=True)
class Https:
    """What the switch is set to.

    `hsts` is in seconds, 0 for none. `issuer` is "" for the first acme_issuer there is, or Let's
    Encrypt. What `redirect=` says config/https.py reads.
    """

    hsts: int = 0
    issuer: str = ""
    contact: tuple[str, ...] = ()


def https(args: Arguments) -> Https:
    """Read auto and its options."""
    if args[0] != "auto":
        raise Invalid(f'invalid value "{args[0]}"', hint="https auto;")
    given: dict[str, object] = {}
    for index, name, value in values.options(args, 1):
        if name == "hsts":
            given[name] = _hsts(args, value, index)
        elif name == "issuer" and value:
            given[name] = value
        elif name == "contact" and value:
            given[name] = contact(Arguments(name, (value,), (False,), args.level))
        elif name == "redirect" and value:
            _check_address(args, value, index)
        else:
            raise values.unknown_option(args, index)
    return Https(**given)  # type: ignore[arg-type]


def _hsts(args: Arguments, value: str, index: int) -> int:
    try:
        return int(units.parse_duration(value, whole_seconds=True)) if value else YEAR
    except ValueError:
        raise values.unknown_option(args, index) from None


def _check_address(args: Arguments, value: str, index: int) -> None:
    try:
        if value != "off":
            parse_address(value, default_port=80, listening=True)
    except AddressError as error:
        raise Invalid(f'{error.reason} in "{args[index - 1]}"', index) from None


ROWS = [
    row(
        "https",
        [SERVER],
        https,
        "auto [hsts[=TIME]] [issuer=NAME] [contact=MAIL] [redirect=ADDRESS|off]: "
        "a certificate that is obtained and renewed by itself, and a redirect to it",
        args=(1, 5),
        inherit=Inherit.SERVER,
    )
]
