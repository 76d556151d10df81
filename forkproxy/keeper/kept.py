"""What the master wants to be kept over a restart: texts by name, in the store.

The master may open no store: it says what has changed, and the keeper writes it through. A keeper
that begins writes everything once, since it may have missed something.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from forkproxy.shared.environment import Environment
from forkproxy.shared.store import open_state

PREFIX = b"kept/"


def load(store: Environment) -> dict[str, str]:
    """Return all of it. Raises StoreError."""
    found = store.items(PREFIX)
    return {key[len(PREFIX) :].decode(): value.decode() for key, value in found}


def recall(folder: Path) -> dict[str, str]:
    """Return all of it, for a process that reads nothing else of the store. Raises StoreError."""
    store = open_state(folder)
    try:
        return load(store)
    finally:
        store.close()


def save(store: Environment, put: Mapping[str, str], delete: Iterable[str] = ()) -> None:
    """Keep some, and forget some. Raises StoreError."""
    store.change(
        {PREFIX + name.encode(): text.encode() for name, text in put.items()},
        [PREFIX + name.encode() for name in delete],
    )


def become(store: Environment, wanted: Mapping[str, str]) -> None:
    """Keep exactly this. Raises StoreError."""
    there = load(store)
    put = {name: text for name, text in wanted.items() if there.get(name) != text}
    delete = [name for name in there if name not in wanted]
    if put or delete:
        save(store, put, delete)
