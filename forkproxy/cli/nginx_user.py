"""Who the workers are where root starts the shim in a folder of its own.

nginx's default user is nobody, who cannot enter a private folder: a test suite or a build that
keeps everything below one would be answered 403. There, and only there, the workers are the owner
of the folder.
"""

from __future__ import annotations

import os
import pwd
from pathlib import Path

from forkproxy.config.directives.process import Account, account
from forkproxy.config.settings import DEFAULT_USER


def owner_instead(prefix: str) -> Account | None:
    """Return who owns a prefix that nobody cannot enter; None where nobody can."""
    try:
        nobody = pwd.getpwnam(DEFAULT_USER)
        folder = Path(prefix).resolve(strict=True)
        if all(_enters(nobody, path) for path in (folder, *folder.parents)):
            return None
        return account(pwd.getpwuid(folder.stat().st_uid).pw_name)
    except (OSError, KeyError):
        return None


def _enters(who: pwd.struct_passwd, folder: Path) -> bool:
    """Tell whether an account, with its own group alone, may look for names in a folder."""
    found = folder.stat()
    if found.st_uid == who.pw_uid:
        return bool(found.st_mode & 0o100)
    if found.st_gid in os.getgrouplist(who.pw_name, who.pw_gid):
        return bool(found.st_mode & 0o010)
    return bool(found.st_mode & 0o001)
