"""The words of ACME (RFC 8555), with the packages `acme` and `josepy`: account, order, revocation.

Everything here waits, on sockets and in sleeps that know no greenlets: the keeper calls it in a
thread. Importing it takes 28 MiB; nobody but the keeper does.
"""

from __future__ import annotations

import datetime
import ssl
from typing import Any

import requests
import urllib3
from acme import client, errors, messages
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from josepy import interfaces, json_util, jwa, jwk

from forkproxy import __version__, clock
from forkproxy.acme import keys
from forkproxy.acme.folder import Folder
from forkproxy.acme.lookup import Adapter
from forkproxy.config.issuers import Issuer

ACCOUNT, ACCOUNT_KEY = "account.json", "account.pem"
TIMEOUT = 30  # seconds of one request
PATIENCE = 180.0  # seconds of one order's validations, and again of its signing
NONCES = 12  # times that a request is repeated because its nonce was bad
_CURVES = {256: jwa.ES256, 384: jwa.ES384, 521: jwa.ES512}


class Network(client.ClientNetwork):
    """Requests that are signed; one whose nonce was refused is repeated with the next.

    Attributes:
        wait: seconds that the last answer asked for by Retry-After; 0.0 where it did not.
    """

    wait = 0.0

    def post(self, *args: Any, **given: Any) -> requests.Response:
        """Send a signed request; return the answer."""
        for _ in range(NONCES):
            try:
                return self._post_once(*args, **given)
            except messages.Error as error:
                if error.code != "badNonce":
                    raise
        return self._post_once(*args, **given)

    def _send_request(self, method: str, url: str, *args: Any, **given: Any) -> requests.Response:
        response = super()._send_request(method, url, *args, **given)
        self.wait = 0.0
        if "Retry-After" in response.headers:
            until = client.ClientV2.retry_after(response, 0)
            self.wait = max(0.0, until.timestamp() - clock.wall())
        return response


class _NewOrder(messages.NewOrder):
    """An order that says which certificate it is to take the place of (RFC 9773 §5)."""

    replaces: str | None = json_util.field("replaces", omitempty=True)


class Nothing(interfaces.JSONDeSerializable):
    """The empty object that a challenge is answered with."""

    def to_partial_json(self) -> dict[str, Any]:
        return {}

    @classmethod
    def from_json(cls, jobj: Any) -> Nothing:
        return cls()


class Session(client.ClientV2):
    """One talk with an issuer, of an account that is ours.

    Attributes:
        key: the account's, as JOSE has it.
    """

    def __init__(self, issuer: Issuer, folder: Folder) -> None:
        """Find the issuer's directory, and our account there, made where it is missing. Waits."""
        self.issuer = issuer
        self.folder = folder
        key = _account_key(issuer, folder)
        elliptic = isinstance(key, ec.EllipticCurvePrivateKey)
        self.key: jwk.JWK = jwk.JWKEC(key=key) if elliptic else jwk.JWKRSA(key=key)
        network = Network(
            self.key,
            alg=_CURVES[key.key_size] if elliptic else jwa.RS256,
            verify_ssl=_trusted(issuer),  # type: ignore[arg-type]
            user_agent=f"forkproxy/{__version__}",
            timeout=TIMEOUT,
        )
        if not issuer.verify:
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)  # it was asked for
        if issuer.resolver is not None:
            network.session.mount("https://", Adapter(issuer.resolver))
        super().__init__(self.get_directory(issuer.uri, network), network)
        self._use_account()

    # The account.

    def _use_account(self) -> None:
        known = self.folder.read_json(ACCOUNT)
        if known.get("directory") == self.issuer.uri and known.get("key") == self.thumbprint:
            uri = known["uri"]
        else:
            uri = self._register()
            found = {"directory": self.issuer.uri, "key": self.thumbprint, "uri": uri}
            self.folder.write_json(ACCOUNT, found)
        registration = messages.Registration()
        self.net.account = messages.RegistrationResource(uri=uri, body=registration)

    def _register(self) -> str:
        """Make an account, or find the one that this key has; return its URL."""
        terms = self.directory.meta.terms_of_service
        if terms and not self.issuer.terms:
            raise errors.Error(f"accept_terms_of_service is missing; the terms are {terms}")
        binding = None
        if self.issuer.external is not None:
            external = self.issuer.external
            binding = messages.ExternalAccountBinding.from_data(
                self.key.public_key(), external.kid, external.key, self.directory
            )
        elif self.external_account_required():
            raise errors.Error("external_account_key is missing; the issuer wants one")
        wanted = messages.NewRegistration.from_data(
            contact=self.issuer.contact,
            external_account_binding=binding,
            terms_of_service_agreed=True if terms else None,
        )
        try:
            return str(self.new_account(wanted).uri)
        except errors.ConflictError as found:
            return found.location

    def renew_account(self) -> None:
        """Make a new account: the issuer does not know this one any more. Waits."""
        self.folder.remove(ACCOUNT)
        self.net.account = None
        self._use_account()

    @property
    def thumbprint(self) -> str:
        return keys.base64url(self.key.thumbprint())

    def authorization_text(self, token: str) -> str:
        """Return what a token is answered with (RFC 8555 §8.1)."""
        return f"{token}.{self.thumbprint}"

    # Orders.

    def order(self, request: bytes, identifiers: tuple[str, ...], replaces: str) -> Any:
        """Order a certificate for a request (PEM); return the order. Waits."""
        wanted = [_identifier(one) for one in identifiers]
        made = _NewOrder(
            identifiers=wanted, profile=self._profile() or None, replaces=replaces or None
        )
        try:
            response = self._post(self.directory["newOrder"], made)
        except messages.Error as error:
            # RFC 9773 §5: what was to be replaced is replaced already, or was of another account.
            if not replaces or error.code not in ("alreadyReplaced", "malformed", None):
                raise
            response = self._post(self.directory["newOrder"], made.update(replaces=None))
        return self._opened(response.json(), response.headers["Location"], request)

    def resume(self, uri: str, request: bytes) -> Any:
        """Return an order that was made before. Waits."""
        return self._opened(self._post_as_get(uri).json(), uri, request)

    def _opened(self, found: dict[str, Any], uri: str, request: bytes) -> messages.OrderResource:
        body = messages.Order.from_json(found)
        authorizations = [
            self._authzr_from_response(self._post_as_get(one), uri=one)
            for one in body.authorizations
        ]
        return messages.OrderResource(
            body=body, uri=uri, authorizations=authorizations, csr_pem=request
        )

    def _profile(self) -> str:
        given = self.issuer.profile
        if given is None:
            return ""
        if given.profile in (self.directory.meta.profiles or {}):
            return given.profile
        if given.required:
            raise errors.Error(f'the issuer has no profile "{given.profile}"')
        return ""

    def answer(self, url: str) -> None:
        """Say that a challenge may be looked at. Waits."""
        self._post(url, Nothing())

    def finish(self, order: Any) -> bytes:
        """Wait until the names are validated, have it signed; return the chain. Waits."""
        order = self.poll_authorizations(order, _deadline())
        wants_chains = bool(self.issuer.chain)
        order = self.finalize_order(order, _deadline(), wants_chains)
        chains: list[str] = [order.fullchain_pem, *(order.alternative_fullchains_pem or ())]
        return _preferred(chains, self.issuer.chain).encode()

    # Certificates that are there.

    def withdraw(self, chain: bytes, reason: int) -> None:
        """Revoke a certificate; one that is revoked already stays so. Waits."""
        try:
            self.revoke(x509.load_pem_x509_certificate(chain), reason)
        except messages.Error as error:
            if error.code != "alreadyRevoked":
                raise

    def suggestion(self, chain: bytes) -> tuple[float | None, float]:
        """Return when the issuer wants a certificate renewed (RFC 9773), and when to ask again.

        None where it has no opinion. Waits.
        """
        try:
            at, again = self.renewal_time(chain)
        except errors.ARIError as error:
            return None, error.retry_after.timestamp()
        return at.timestamp() if at is not None else None, again.timestamp()


def _trusted(issuer: Issuer) -> str | bool:
    """Return what the issuer's server is held against: a file, the system's; False: nothing."""
    if not issuer.verify:
        return False
    return issuer.trusted or ssl.get_default_verify_paths().cafile or True


def _account_key(issuer: Issuer, folder: Folder) -> keys.PrivateKey:
    """Return the account's key: the given one, or the folder's, made where it is missing."""
    if isinstance(issuer.account_key, str):
        return keys.read(issuer.account_key.encode())
    found = folder.read(ACCOUNT_KEY)
    if found is not None:
        return keys.read(found)
    made = keys.make(issuer.account_key)
    folder.write(ACCOUNT_KEY, keys.pem(made))
    return made


def _identifier(text: str) -> messages.Identifier:
    is_address = ":" in text or text.rpartition(".")[2].isdigit()
    kind = messages.IDENTIFIER_IP if is_address else messages.IDENTIFIER_FQDN
    return messages.Identifier(typ=kind, value=text)


def _deadline() -> datetime.datetime:
    # Without a zone, since the package compares it with its own now().
    return datetime.datetime.fromtimestamp(clock.wall() + PATIENCE)


def _preferred(chains: list[str], name: str) -> str:
    """Return the chain that a root of that name is nearest to; the first where none is."""
    for chain in chains if name else ():
        last = x509.load_pem_x509_certificates(chain.encode())[-1]
        found = last.issuer.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        if any(one.value == name for one in found):
            return chain
    return chains[0]


def mark(chain: bytes) -> str:
    """Return what ARI calls a certificate (RFC 9773 §4.1), "" for one that has no such name."""
    certificate = x509.load_pem_x509_certificate(chain)
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except x509.ExtensionNotFound:
        return ""
    authority = found.value.key_identifier or b""
    number = certificate.serial_number
    serial = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return f"{keys.base64url(authority)}.{keys.base64url(serial)}"


def reason_of(error: Exception) -> str:
    """Return in one line what went wrong."""
    if isinstance(error, errors.ValidationError):
        return "; ".join(
            f"{one.body.identifier.value}: {_problem(challenge.error)}"
            for one in error.failed_authzrs
            for challenge in one.body.challenges
            if challenge.error is not None
        )
    if isinstance(error, errors.IssuanceError):
        return _problem(error.error)
    if isinstance(error, messages.Error):
        return _problem(error)
    if isinstance(error, errors.TimeoutError):
        return "the issuer did not come to an end in time"
    if (answer := _answer_of(error)) is not None:
        return f"the issuer answers {answer.status_code} {answer.reason}"
    if isinstance(error, requests.JSONDecodeError):
        return "the issuer's answer is no JSON"
    if isinstance(error, requests.RequestException):
        return f"cannot reach the issuer: {_innermost(error)}"
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, (AttributeError, LookupError, TypeError)):
        # The packages take what an authority says for what it should have said.
        return f"the issuer's answer makes no sense ({text})"
    return text


def _answer_of(error: Exception) -> requests.Response | None:
    """Return the answer that an error was made of: one of a status that says all."""
    found = error.args[0] if isinstance(error, errors.ClientError) and error.args else None
    return found if isinstance(found, requests.Response) else None


def unreached(error: Exception) -> bool:
    """Say whether the issuer was not there, or in no state to answer."""
    if (answer := _answer_of(error)) is not None:
        return answer.status_code >= 500
    if isinstance(error, requests.JSONDecodeError):
        return False
    return isinstance(error, (requests.RequestException, OSError)) or (
        isinstance(error, messages.Error) and error.code == "serverInternal"
    )


def unknown_account(error: Exception) -> bool:
    """Say whether the issuer does not know our account."""
    return isinstance(error, messages.Error) and error.code == "accountDoesNotExist"


def _problem(error: messages.Error) -> str:
    parts = [error.detail or error.title or error.typ]
    parts += [_problem(one) for one in error.subproblems or ()]
    return "; ".join(" ".join(part.split()) for part in parts)


def _innermost(error: BaseException) -> str:
    """Return the words of the cause that all others only pass on."""
    while True:
        inner = error.__cause__ or error.__context__ or getattr(error, "reason", None)
        if not isinstance(inner, BaseException) or inner is error:
            return " ".join(str(error).split())
        error = inner
