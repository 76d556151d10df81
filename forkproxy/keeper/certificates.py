"""The certificates that are looked after: obtained, renewed, and tried again when that fails.

What waits for an authority waits in a thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

from forkproxy import clock
from forkproxy.acme import due
from forkproxy.acme.folder import Folder
from forkproxy.acme.managed import Managed
from forkproxy.keeper.care import Care
from forkproxy.net import tasks
from forkproxy.shared.channel import Message
from forkproxy.shared.errorlog import log
from forkproxy.wire.dates import http_date

LOOK = 1.0  # seconds between two looks at what is due
LANES = 4  # certificates of one folder that are obtained at once
OTHERS = 10.0  # seconds until a folder that somebody else works in is looked at again
BROKEN = 60.0  # or one that cannot be used
SETTLED = 30.0  # seconds between two looks at a file that somebody else may have changed

Say = Callable[..., None]


def prepare(managed: Sequence[Managed]) -> None:
    """Import what is needed, while the keeper has the rights of the master.

    Later its user may not read the files, and they may be those of another version.
    """
    if managed:
        modules()


def modules() -> tuple[ModuleType, ModuleType]:
    """Return acme.keys and acme.obtain, with all that they will need to import."""
    import encodings.idna  # what getaddrinfo() asks for

    from forkproxy.acme import keys, obtain

    assert encodings.idna
    return keys, obtain


class Certificates:
    """All certificates of one generation."""

    def __init__(self, say: Say, managed: Sequence[Managed]) -> None:
        """Tell the master by `say` what has changed."""
        self._say = say
        self._ended = False
        self._cares = [Care(one, Folder(one.wanted.issuers[0].state_path)) for one in managed]

    def begin(self) -> None:
        """Look after them from now on, each folder in a greenlet of its own."""
        if not self._cares:
            return
        self._keys, self._obtain = modules()
        folders: dict[str, list[Care]] = {}
        for care in self._cares:
            care.recall(self._keys.life)
            folders.setdefault(str(care.folder.path), []).append(care)
        self._tell()
        for path, cares in folders.items():
            tasks.spawn(f"certificates in {path}", self._tend, cares)

    def end(self) -> None:
        """Begin nothing any more."""
        self._ended = True

    def _tell(self) -> None:
        self._say("certificates", found=[care.shown() for care in self._cares])

    # What is due.

    def _tend(self, cares: list[Care]) -> None:
        while not self._ended:
            try:
                pause = self._turn(cares)
            except OSError as error:
                log.error(f'cannot use "{cares[0].folder.path}": {error.strerror}')
                pause = BROKEN
            except Exception as error:
                log.bug("while looking after certificates", error)
                pause = BROKEN
            tasks.sleep(pause)

    def _turn(self, cares: list[Care]) -> float:
        """Do what is due in one folder; return the seconds until the next look. Waits."""
        now = clock.wall()
        for care in cares:
            if now - care.looked_at >= SETTLED:
                self._follow(care)
            if care.ask_at <= now < care.due_at:
                self._ask(care)
        wanted = [care for care in cares if care.due_at <= now and not self._superfluous(care)]
        if not wanted:
            return LOOK
        with cares[0].folder.lock() as ours:
            if not ours:
                return OTHERS
            for care in wanted:
                self._follow(care)
            wanted = [care for care in wanted if care.due_at <= now]
            # The first makes the account, which the others then have.
            many = LANES if any(care.ends_at for care in cares) else 1
            self._obtain_all(wanted[:many])
        return 0.0

    def _superfluous(self, care: Care) -> bool:
        """Say whether a stand-in is needed no more: what it stands in for is there."""
        return care.managed.wanted.stand_in and any(
            other is not care and other.ends_at and other.name == care.name for other in self._cares
        )

    def _follow(self, care: Care) -> None:
        """Take up what another master has put in the file."""
        before = care.ends_at
        renew_at = care.renew_at
        care.look(self._keys.life)
        if care.ends_at == before:
            care.renew_at = renew_at
        elif before or care.ends_at:
            self._take_up(care)

    def _ask(self, care: Care) -> None:
        """Ask the issuer when it wants the certificate renewed. Waits."""
        chain = care.chain()
        care.ask_at = clock.wall() + 6 * 3600.0
        if chain is None:
            return
        try:
            at, care.ask_at = tasks.in_thread(
                self._obtain.suggestion, care.managed.wanted, care.signer, chain
            )
        except Exception:
            return  # an opinion is not needed; what it has to say otherwise it says to an order
        if at is not None and at < care.ends_at:
            care.renew_at = at
            care.note()

    def _obtain_all(self, cares: Sequence[Care]) -> None:
        """Obtain certificates at the same time. Waits until all are done."""
        done = tasks.Event()
        left = set(map(id, cares))

        def run(care: Care) -> None:
            try:
                self._obtain_one(care)
            except Exception as error:
                log.bug("while obtaining a certificate", error)
                self._fail(care, repr(error), reached=True, wait=0.0)
            finally:
                left.discard(id(care))
                if not left:
                    done.set()

        for care in cares:
            tasks.spawn(f"certificate {care.name}", run, care)
        if left:
            done.wait()

    def _obtain_one(self, care: Care) -> None:
        wanted = care.managed.wanted
        before = care.chain()
        try:
            found = tasks.in_thread(self._obtain.obtain, wanted, before)
        except self._obtain.FailedError as error:
            self._fail(care, str(error), reached=error.reached, wait=error.wait)
            return
        try:
            care.folder.write(f"{wanted.name}.crt", self._keys.chain(found.pem))
            care.folder.write(f"{wanted.name}.pem", found.pem)
        except OSError as error:
            reason = f'cannot write in "{care.folder.path}": {error.strerror}'
            self._fail(care, reason, reached=True, wait=0.0)
            return
        signer, care.signer = care.signer, found.issuer
        care.failures, care.error, care.next_at = 0, "", 0.0
        care.look(self._keys.life)
        care.note()
        self._take_up(care)
        until = http_date(int(care.ends_at)).decode()
        log.notice(f'certificate for {care.name} obtained from "{found.issuer}", until {until}')
        if care.withdraw and before is not None:
            care.withdraw = False
            self._withdraw(care, signer or found.issuer, before)

    def _withdraw(self, care: Care, signer: str, chain: bytes) -> None:
        """Revoke what has been replaced. Waits."""
        failed = tasks.in_thread(self._obtain.withdraw, care.managed.wanted, signer, chain)
        if failed:
            log.error(f"the old certificate for {care.name} cannot be revoked: {failed}")
        else:
            log.notice(f'the old certificate for {care.name} is revoked at "{signer}"')

    def _take_up(self, care: Care) -> None:
        self._say("issued")
        self._tell()

    def _fail(self, care: Care, reason: str, *, reached: bool, wait: float) -> None:
        # One that was away and now refuses, or the other way round, begins to count anew.
        care.failures = care.failures + 1 if reached == care.refused else 1
        care.refused = reached
        care.error = reason
        now = clock.wall()
        care.next_at = due.next_try(now, care.failures, reached=reached, wait=wait)
        care.note()
        self._tell()
        pause = f"{care.next_at - now:.0f} s"
        log.error(f"no certificate for {care.name}: {reason}; next try in {pause}")

    # What people ask for.

    def answer(self, message: Message, _descriptors: list[int]) -> None:
        """Do what the order `renew` says: a name or "-" for all, and "revoke" or nothing."""
        words = [str(word) for word in message.get("words", [])]
        name, withdraw = words[0], "revoke" in words[1:]
        found = self.renew("" if name == "-" else name, withdraw=withdraw)
        said: dict[str, Any] = {"status": 200, "data": {"renewed": found}}
        if not found:
            said = {"status": 404, "text": f"no certificate for {name} is looked after"}
        self._say("renewed", client=message.get("client", 0), **said)

    def renew(self, name: str, *, withdraw: bool) -> list[str]:
        """Let what has a name be renewed now, "" for all; return the names of what that is.

        `withdraw`: and then revoke what was there.
        """
        found = [
            care
            for care in self._cares
            if not name or name in care.managed.wanted.identifiers
            if not self._superfluous(care)
        ]
        for care in found:
            care.next_at = care.renew_at = 0.0
            care.withdraw = withdraw and bool(care.ends_at) and care.signer != "internal"
        return [care.name for care in found]
