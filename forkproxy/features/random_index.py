"""random_index: any file of a folder answers for the folder."""

from __future__ import annotations

import os
import secrets


def any_file(folder: bytes) -> bytes | None:
    """Return the name of one of a folder's files, None where it has none.

    Names that begin with a dot are not among them. Raises OSError.
    """
    with os.scandir(folder) as found:
        names = [one.name for one in found if not one.name.startswith(b".") and one.is_file()]
    return secrets.choice(names) if names else None
