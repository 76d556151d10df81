"""One certificate from its order to its chain, whoever issues it. Only the keeper imports this."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cryptography import x509

from forkproxy import clock
from forkproxy.acme import internal, keys, protocol
from forkproxy.acme.folder import Folder, is_token
from forkproxy.acme.validation import Proof
from forkproxy.config.issuers import Issuer, Wanted
from forkproxy.errors import ForkproxyError

REVOKED_SUPERSEDED = 4  # RFC 5280 §5.3.1: the reason of a revocation


@dataclass(frozen=True, slots=True)
class Obtained:
    """A key and its chain, as PEM, and who signed."""

    pem: bytes
    issuer: str


class FailedError(ForkproxyError):
    """No issuer would sign, or none was there.

    Attributes:
        reached: some issuer was there and said no.
        wait: seconds that it asked for.
    """

    def __init__(self, reason: str, *, reached: bool, wait: float) -> None:
        super().__init__(reason)
        self.reached = reached
        self.wait = wait


def obtain(wanted: Wanted, before: bytes | None) -> Obtained:
    """Return a new certificate, of the first issuer that signs; `before` is the one there was.

    Waits, in a thread. Raises FailedError.
    """
    reasons: list[str] = []
    reached, wait = False, 0.0
    for issuer in wanted.issuers:
        try:
            return Obtained(_of(issuer, wanted, before), issuer.name)
        except Exception as error:
            reasons.append(f"{issuer.name}: {protocol.reason_of(error)}")
            reached = reached or not protocol.unreached(error)
            wait = max(wait, getattr(error, "wait", 0.0))
    raise FailedError("; ".join(reasons), reached=reached, wait=wait)


def _of(issuer: Issuer, wanted: Wanted, before: bytes | None) -> bytes:
    folder = Folder(issuer.state_path)
    if not issuer.uri:
        return internal.issue(folder, wanted)
    session = protocol.Session(issuer, folder)
    try:
        try:
            return _order(session, folder, wanted, before)
        except Exception as error:
            if not protocol.unknown_account(error):
                raise
        session.renew_account()
        return _order(session, folder, wanted, before)
    except Exception as error:
        error.wait = session.net.wait  # type: ignore[attr-defined]
        raise


def _order(
    session: protocol.Session, folder: Folder, wanted: Wanted, before: bytes | None
) -> bytes:
    """Order, prove and have signed; what was begun before is gone on with."""
    note = f"{wanted.name}.order"
    key, order = _begun(session, folder, note, wanted)
    if order is None:
        key = keys.make(wanted.key)
        request = keys.request(wanted.identifiers, key)
        replaces = protocol.mark(before) if before and "renewalInfo" in _listed(session) else ""
        order = session.order(request, wanted.identifiers, replaces)
        folder.write_json(note, {"uri": order.uri, "key": keys.pem(key).decode()})
    assert key is not None
    try:
        with _proofs(session, folder, order, wanted):
            chain = session.finish(order)
    except Exception as error:
        if not protocol.unreached(error):
            folder.remove(note)
        raise
    folder.remove(note)
    _verify(chain, key, wanted)
    return keys.pem(key) + chain


def _listed(session: protocol.Session) -> dict[str, Any]:
    found: dict[str, Any] = session.directory.to_partial_json()
    return found


def _begun(
    session: protocol.Session, folder: Folder, note: str, wanted: Wanted
) -> tuple[keys.PrivateKey | None, Any]:
    """Return the key and the order that a keeper before us had begun, if it can be gone on with."""
    known = folder.read_json(note)
    if not known:
        return None, None
    try:
        key = keys.read(str(known["key"]).encode())
        order = session.resume(str(known["uri"]), keys.request(wanted.identifiers, key))
    except Exception as error:
        if protocol.unreached(error):
            raise
        folder.remove(note)
        return None, None
    # An order is signed once: one that is valid was signed for a key of another request.
    usable = order.body.status.name in ("pending", "ready")
    return (key, order) if usable else (None, None)


@contextlib.contextmanager
def _proofs(
    session: protocol.Session, folder: Folder, order: Any, wanted: Wanted
) -> Iterator[None]:
    """Lay out what proves the names of an order, and clear it away at the end."""
    laid: list[Proof] = []
    ours = {name.removeprefix("*.") for name in wanted.identifiers}
    try:
        urls = []
        for authorization in order.authorizations:
            body = authorization.body
            if body.status.name == "pending":
                challenge = _challenge(session, body)
                name, token = str(body.identifier.value), str(challenge["token"])
                if name not in ours or not is_token(token):
                    raise ForkproxyError(f"the issuer asks for a proof of {name!r} by {token!r}")
                text = session.authorization_text(token)
                proof = Proof(folder, session.issuer.challenge, name, token, text)
                laid.append(proof)
                proof.lay_out()
                urls.append(str(challenge["url"]))
        for url in urls:
            session.answer(url)
        yield
    finally:
        for proof in laid:
            with contextlib.suppress(ForkproxyError):
                proof.clear()


def _challenge(session: protocol.Session, body: Any) -> dict[str, Any]:
    """Return the challenge of our kind in an authorization, as JSON."""
    kind = session.issuer.challenge.kind
    for one in body.challenges:
        found: dict[str, Any] = {**one.chall.to_partial_json(), "url": one.uri}
        if found.get("type") == kind:
            return found
    offered = ", ".join(str(one.chall.to_partial_json().get("type")) for one in body.challenges)
    raise ForkproxyError(f"no {kind} for {body.identifier.value}, only {offered or 'nothing'}")


def _verify(chain: bytes, key: keys.PrivateKey, wanted: Wanted) -> None:
    """Raise ForkproxyError where an issuer has signed something else than we asked for."""
    try:
        first = x509.load_pem_x509_certificates(chain)[0]
        names = first.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound) as error:
        raise ForkproxyError(f"what the issuer sent is no certificate: {error}") from None
    if first.public_key() != key.public_key():
        raise ForkproxyError("the issuer has signed another key than ours")
    missing = [one for one in keys.names(wanted.identifiers) if one not in names]
    if missing:
        raise ForkproxyError(f"the issuer's certificate is not for {missing[0].value}")
    if first.not_valid_after_utc.timestamp() <= clock.wall():
        raise ForkproxyError("the issuer's certificate has expired already")


def withdraw(wanted: Wanted, issuer_name: str, chain: bytes) -> str:
    """Revoke a certificate at who signed it; return what went wrong, "" for nothing. Waits."""
    for issuer in wanted.issuers:
        if issuer.name == issuer_name and issuer.uri:
            try:
                session = protocol.Session(issuer, Folder(issuer.state_path))
                session.withdraw(chain, REVOKED_SUPERSEDED)
            except Exception as error:
                return protocol.reason_of(error)
            return ""
    return f'"{issuer_name}" cannot revoke'


def suggestion(wanted: Wanted, issuer_name: str, chain: bytes) -> tuple[float | None, float]:
    """Return when the issuer wants a certificate renewed, and when to ask again. Waits."""
    for issuer in wanted.issuers:
        if issuer.name == issuer_name and issuer.uri:
            session = protocol.Session(issuer, Folder(issuer.state_path))
            return session.suggestion(chain)
    return None, float("inf")
