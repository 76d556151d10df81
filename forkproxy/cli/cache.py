"""forkproxy cache: look into the caches of a master that runs, purge, and pin."""

from __future__ import annotations

import argparse
import json
from typing import Any

from forkproxy.cli import control
from forkproxy.cli.ctl import OrderError, answered, find_master


def run(options: argparse.Namespace) -> int:
    """Carry out one command; raises OrderError or ControlError."""
    master = find_master(options)
    if not master.socket:
        raise OrderError("the control socket is off: control_socket")
    method, words = question(options)
    found = answered(control.ask(master.socket, method, *words)).data
    print(json.dumps(found, indent=2) if options.json else text(options.action, found))
    return 0


def question(options: argparse.Namespace) -> tuple[str, list[str]]:
    """Return what to ask the master for; raises OrderError where it makes no sense."""
    zone = options.zone or "-"
    what = options.what or ""
    if options.action == "stat":
        return "GET", ["cache-stat", zone]
    if options.action == "ls":
        words = ["cache-ls", zone, what, options.tag or "", "", "pinned" if options.pinned else ""]
        while not words[-1]:
            words.pop()
        return "GET", words
    if options.action == "why":
        if not what:
            raise OrderError("say which URL")
        return "GET", ["cache-why", what]
    kind, text = _choice(options, what)
    if options.action != "purge":
        return "POST", ["cache-pin", zone, kind, text, options.action]
    mode = "dry" if options.dry_run else "soft" if options.soft else "hard"
    return "POST", ["cache-purge", zone, kind, text, mode]


def _choice(options: argparse.Namespace, what: str) -> tuple[str, str]:
    """Return the kind and the text of what is chosen; raises OrderError where it is not one."""
    kinds = {
        "tag": bool(options.tag),
        "host": bool(options.host),
        "all": options.all,
        "prefix": what.endswith("*"),
        "key": bool(what) and not what.endswith("*"),
    }
    chosen = [kind for kind, wanted in kinds.items() if wanted]
    if len(chosen) != 1:
        said = "one of a key, a prefix with *, --tag, --host, --all"
        raise OrderError(f"say what to {options.action}: {said}")
    texts = {"tag": options.tag or "", "host": options.host or "", "prefix": what[:-1]}
    return chosen[0], texts.get(chosen[0], what)


def text(action: str, found: dict[str, Any]) -> str:
    """Return an answer for people."""
    if action == "purge":
        verb = {"dry": "would go", "soft": "are stale now"}.get(found["mode"], "are gone")
        return "\n".join(f"{name}: {count} {verb}" for name, count in found["purged"].items())
    if action in ("pin", "unpin"):
        verb = "are pinned" if action == "pin" else "are no longer"
        return "\n".join(f"{name}: {count} {verb}" for name, count in found["pinned"].items())
    if action == "stat":
        return "\n".join(_stat(name, one) for name, one in found.items())
    if action == "ls":
        lines = [_entry(one) for one in found["entries"]]
        return "\n".join([*lines, *(["… and more"] if found["more"] else [])])
    lines = [f"stored      {_entry(one)}" for one in found["stored"]]
    lines += [
        f"not stored  {one['reason']}  {one['at']}  {one['key']}" for one in found["not_stored"]
    ]
    return "\n".join(lines) or "neither stored nor lately refused"


def _stat(name: str, one: dict[str, Any]) -> str:
    lines = [f"{name}: {one['entries']} entries, {one['size']} octets"]
    if one["max_size"]:
        lines[0] += f" of {one['max_size']}"
    if one["pinned"]["entries"]:
        lines.append(
            "  {:<12} {entries}, {size} octets of {max_size}".format("pinned", **one["pinned"])
        )
    lines += [f"  {status:<12} {counts['responses']}" for status, counts in one["answers"].items()]
    lines.append(f"  {'stored':<12} {one['stored']}")
    lines += [f"  not stored, {reason}: {count}" for reason, count in one["not_stored"].items()]
    return "\n".join(lines)


def _entry(one: dict[str, Any]) -> str:
    fresh = f"fresh for {one['fresh_for']}s" if one["fresh_for"] > 0 else "stale"
    tags = f"  tags {','.join(one['tags'])}" if one["tags"] else ""
    parts = f"only {','.join(one['parts'])} of " if "parts" in one else ""
    pinned = "  pinned" if one.get("pinned") else ""
    return (
        f"{one['cache']}  {one['status']}  {parts}{one['octets']}  age {one['age']}s  {fresh}"
        f"  uses {one['uses']}  {one['key']}{tags}{pinned}"
    )
