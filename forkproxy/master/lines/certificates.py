"""Certificates in HAProxy's lines: shown, and replaced by two steps, `set` and `commit`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

from forkproxy.master.lines.words import Line
from forkproxy.master.reply import Refused, Reply
from forkproxy.master.transactions import files_of, write
from forkproxy.net.tls_certificate import TlsError
from forkproxy.net.tls_certificate_text import described

UNKNOWN = "Can't display the certificate: Not found or the certificate is a bundle!"
UNUSED = "Can't replace a certificate which is not referenced by the configuration!"


def _files(line: Line) -> dict[str, str]:
    return files_of(line.master.certificates())


def _name(line: Line, word: str) -> str:
    """Return the file of the certificate that a word names, by itself or by its key's file."""
    files = _files(line)
    if word in files:
        return word
    return next((name for name, key in files.items() if key == word), "")


def show_cert(line: Line) -> Reply:
    """`show ssl cert [*][FILE]`: which there are, or what one says; `*` of one not committed."""
    transactions = line.master.transactions
    if not line.word(3):
        rows = ["# filename", *_files(line)]
        if names := transactions.names():
            rows = ["# transaction", *(f"*{name}" for name in names), *rows]
        return Reply("\n".join(rows))
    wanted = line.word(3)
    name = _name(line, wanted.removeprefix("*"))
    try:
        if wanted.startswith("*"):
            pem, status = transactions.of(name).certificate or b"", "Unused"
        else:
            pem, status = Path(name).read_bytes(), "Used"
        found = described(pem)
    except (OSError, Refused, TlsError):
        raise Refused(UNKNOWN, "", 404) from None
    rows = [f"{what}: {value}" for what, value in found]
    return Reply("\n".join([f"Filename: {wanted}", f"Status: {status}", *rows]))


def set_cert(line: Line) -> Reply:
    """`set ssl cert FILE <<`: put a new one down; its key, its chain or both may be with it."""
    if not line.word(3) or not line.payload:
        raise Refused("'set ssl cert expects a filename and a certificate as a payload", "")
    name, said = _name(line, line.word(3)), line.word(3)
    if not name:
        raise Refused(f"{UNUSED}\nCan't update {said}!", "", 404)
    try:
        updated = line.master.transactions.put(
            name, line.payload.encode("utf-8", "surrogateescape")
        )
    except TlsError as error:
        text = f"unable to load certificate from file '{said}': {error}.\nCan't load the payload"
        raise Refused(f"{text}\nCan't update {said}!", "") from None
    return Reply(f"Transaction {'updated' if updated else 'created'} for certificate {name}!")


def abort_cert(line: Line) -> Reply:
    """`abort ssl cert FILE`: give it up."""
    if not line.word(3):
        raise Refused("'abort ssl cert' expects a filename", "")
    name = _name(line, line.word(3))
    line.master.transactions.abort(name)
    return Reply(f"Transaction aborted for certificate '{name}'!")


def commit_cert(line: Line) -> Reply | None:
    """`commit ssl cert FILE`: into its files, and into handshakes by a reload."""
    said = line.word(3)
    if not said:
        raise Refused("'commit ssl cert expects a filename", "")
    name = _name(line, said)
    try:
        before = line.master.transactions.commit(name, _files(line).get(name, ""))
    except (Refused, TlsError, OSError) as error:
        text = error.text if isinstance(error, Refused) else str(error)
        raise Refused(f"{text}\nCan't commit {said}!", "") from None
    line.master.reload(line.client, functools.partial(_committed, name, before))
    return None


def _committed(name: str, before: Mapping[str, bytes], reply: Reply) -> Reply:
    """Say how the reload went; after one that failed the files are as they were."""
    if reply.status < 400:
        return Reply(f"Committing {name}.\nSuccess!")
    write(before)
    return Reply(f"{reply.text}\nCan't commit {name}!", status=reply.status)
