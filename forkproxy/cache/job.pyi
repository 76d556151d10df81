from collections.abc import Callable
from typing import Any

from forkproxy.cache.shelf import Shelf
from forkproxy.cache.zone import Zone
from forkproxy.shared.tables import CacheStore

class Job:
    """Something to do with the store of a zone, by the scribe."""

    zone: Zone
    octets: int
    urgent: bool

    def __init__(
        self,
        zone: Zone,
        octets: int,
        work: Callable[[Shelf], Any],
        done: Callable[[Any], object],
    ) -> None: ...
    def before(self, store: CacheStore) -> object:
        """Do what needs no transaction that writes; may be done more than once."""

    def work(self, shelf: Shelf) -> Any:
        """Do it; may raise StoreError or another error of ours."""

    def done(self, outcome: Any) -> object:
        """Be told what `work` returned or raised, in the scribe's thread."""
