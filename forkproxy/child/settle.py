"""Becoming what the configuration says a child is: its limits, its processors, its user.

In this order, because the first steps may need rights that the last ones give up.
"""

from __future__ import annotations

import os
import resource

from forkproxy.child.privileges import PrivilegeError, drop, drop_capabilities
from forkproxy.config.settings import ProcessSettings
from forkproxy.shared.errorlog import log

KEPT = ("TZ",)  # the environment that nginx, too, leaves to its workers


def settle(settings: ProcessSettings, slot: int) -> None:
    """Take on the settings of the process in `slot`, -1 for the keeper.

    Raises PrivilegeError where it would be somebody it must not be. What is only a wish
    and cannot be had is a line of the log.
    """
    _limit(resource.RLIMIT_NOFILE, "worker_rlimit_nofile", settings.rlimit_nofile)
    _limit(resource.RLIMIT_CORE, "worker_rlimit_core", settings.rlimit_core)
    _set_priority(settings.priority)
    if slot >= 0:
        _choose_processors(settings, slot)
    if settings.user is not None and os.geteuid() == 0:
        drop(settings.user.user, settings.user.uid, settings.user.gid)
    drop_capabilities()
    _enter(settings.working_directory)
    _set_environment(settings.env)


def _limit(which: int, name: str, value: int | None) -> None:
    if value is None:
        return
    try:
        resource.setrlimit(which, (value, value))
    except (OSError, ValueError) as error:
        log.alert(f"setrlimit() for {name} {value} failed: {error}")


def _set_priority(priority: int) -> None:
    if not priority:
        return
    try:
        os.setpriority(os.PRIO_PROCESS, 0, priority)
    except OSError as error:
        log.alert(f"setpriority({priority}) failed ({error.errno}: {error.strerror})")


def _choose_processors(settings: ProcessSettings, slot: int) -> None:
    wanted = settings.cpu_affinity
    if wanted is None:
        return
    try:
        os.sched_setaffinity(0, processors(wanted.auto, wanted.masks, slot))
    except (OSError, ValueError) as error:
        log.alert(f"sched_setaffinity() failed: {error}")


def processors(auto: bool, masks: tuple[frozenset[int], ...], slot: int) -> frozenset[int]:
    """Return the processors of the worker in a slot, as worker_cpu_affinity says.

    With `auto` each worker has one, in turn, of those in the mask or of all there are;
    else the last mask serves all further workers.
    """
    if not auto:
        return masks[min(slot, len(masks) - 1)]
    usable = sorted(masks[0] if masks else os.sched_getaffinity(0))
    return frozenset({usable[slot % len(usable)]})


def _enter(folder: str) -> None:
    if not folder:
        return
    try:
        os.chdir(folder)
    except OSError as error:
        text = f'chdir("{folder}") failed ({error.errno}: {error.strerror})'
        raise PrivilegeError(text) from error


def _set_environment(wanted: tuple[tuple[str, str | None], ...]) -> None:
    """Keep of the environment what the configuration names, as nginx does."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    for name, value in wanted:
        found = os.environ.get(name) if value is None else value
        if found is not None:
            kept[name] = found
    os.environ.clear()
    os.environ.update(kept)
