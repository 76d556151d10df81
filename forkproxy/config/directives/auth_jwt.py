"""auth_jwt: a signed token says who it is; NGINX Plus' directives."""

from __future__ import annotations

from dataclasses import dataclass

from forkproxy.config import values
from forkproxy.config.row import HSL, HTTP, Arguments, Inherit, Invalid, row
from forkproxy.config.template import Template


@dataclass(frozen=True, slots=True)
class AuthJwt:
    """The realm, and where the token is; () for the Authorization field."""

    realm: Template
    token: Template = ()


@dataclass(frozen=True, slots=True)
class Require:
    """Values that must be neither empty nor "0", and the status where one is."""

    texts: tuple[Template, ...]
    status: int = 401


@dataclass(frozen=True, slots=True)
class Picked:
    """A variable, and the way to a claim or a header field inside of the token."""

    name: str
    path: tuple[str, ...]


def auth_jwt(args: Arguments) -> AuthJwt | None:
    """Read a realm and a token; None for off."""
    if args[0] == "off":
        return None
    token: Template = ()
    if len(args) == 2:
        if not args[1].startswith("token=$"):
            raise values.unknown_option(args, 2)
        token = values.template_at(args, 1, args[1].removeprefix("token="))
    return AuthJwt(values.template_at(args, 0), token)


def require(args: Arguments) -> Require:
    """Read values, and error=401 or 403."""
    texts = []
    status = 401
    for index, word in enumerate(args.words):
        if word.startswith("error="):
            if word not in ("error=401", "error=403"):
                raise Invalid(f'invalid parameter "{word}"', index + 1)
            status = int(word.removeprefix("error="))
        else:
            texts.append(values.template_at(args, index))
    if not texts:
        raise args.refuse("needs a value")
    return Require(tuple(texts), status)


def picked(args: Arguments) -> Picked:
    """Read a variable and names."""
    return Picked(values.variable_at(args, 0), args.words[1:])


def token_type(args: Arguments) -> str:
    """Read the kind of the tokens: we know signed ones."""
    if args[0] in ("encrypted", "nested"):
        reason = f'"{args[0]}" tokens are not supported by this version of forkproxy'
        raise Invalid(reason, hint="signed is")
    return values.choice("signed")(args)


ROWS = [
    row(
        "auth_jwt",
        HSL,
        auth_jwt,
        "realm [token=$variable] | off: let in who has a token that one of the keys has signed",
        args=(1, 2),
    ),
    row(
        "auth_jwt_key_file",
        HSL,
        values.path,
        "file with a JSON Web Key Set",
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "auth_jwt_key_request",
        HSL,
        values.word,
        "uri: a subrequest whose answer is a JSON Web Key Set",
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row("auth_jwt_key_cache", HSL, values.seconds, "how long fetched keys are used", default=0.0),
    row("auth_jwt_leeway", HSL, values.seconds, "how far clocks may differ", default=0.0),
    row("auth_jwt_type", HSL, token_type, "signed", default="signed"),
    row(
        "auth_jwt_require",
        HSL,
        require,
        "value … [error=401 | 403]: what must be neither empty nor 0",
        args=(1, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "auth_jwt_claim_set",
        [HTTP],
        picked,
        "$variable name …: a claim of the token, by the names that lead to it",
        args=(2, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
    row(
        "auth_jwt_header_set",
        [HTTP],
        picked,
        "$variable name …: a field of the token's header",
        args=(2, None),
        inherit=Inherit.REPLACED,
        repeat=True,
    ),
]
