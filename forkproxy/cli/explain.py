"""`forkproxy explain METHOD URL`: what would happen to a request, with the lines that say so."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from forkproxy.cli import control
from forkproxy.cli.source import SEARCHED, File, find
from forkproxy.config.load import Config
from forkproxy.errors import ConfigError
from forkproxy.explain import Question, explain

_OTHERS = 5  # servers that are said not to be it; --json has all


def run(options: argparse.Namespace) -> int:
    """Print the explanation as text or as JSON."""
    fields = tuple(_field(text) for text in options.header or ())
    question = Question(
        options.method,
        options.url,
        fields,
        getattr(options, "from") or "127.0.0.1",
        options.listen or "",
    )
    config, read_at = _live(options.socket) if options.socket else (_named(options), 0.0)
    found = explain(config, question)
    changed = [path for path in config.files if read_at and Path(path).stat().st_mtime > read_at]
    if changed:
        print(f"forkproxy: changed since the master read it: {', '.join(changed)}", file=sys.stderr)
    print(json.dumps(found, indent=2, ensure_ascii=False) if options.json else text(found))
    return 0


def _field(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ConfigError(f"-H '{text}': write 'Name: value'")
    return name, value.strip()


def _live(socket: str) -> tuple[Config, float]:
    """Return the configuration of the master behind a control socket, and when it read that."""
    status = control.ask(socket, "GET", "status").data
    if not status.get("configuration"):
        raise ConfigError("the master behind the socket serves no file: give -c")
    return File(status["configuration"], status["prefix"]).load(), status["read_at"]


def _named(options: argparse.Namespace) -> Config:
    """Return the configuration that -c names, else the first that exists."""
    source = find(options)
    if source is None:
        raise ConfigError(f"there is no configuration ({', '.join(SEARCHED)}): give -c")
    return source.load()


def text(found: dict[str, Any]) -> str:
    """Return an explanation for people."""
    return "\n".join(line for part in _parts(found) for line in part)


def _parts(found: dict[str, Any]) -> Iterator[list[str]]:
    request = found["request"]
    yield [
        f"{request['method']} {request['target']}  (Host {request['host']}, from {request['from']})"
    ]
    yield [_entry("listener", found["listener"]["address"])]
    if "answer" in found:
        yield [_entry("answer", f"{found['answer']['status']}: {found['answer']['reason']}")]
        return
    yield list(_server(found["server"]))
    for step in found.get("steps", ()):
        yield [_step(step)]
    yield list(_location(found["location"]))
    for name, value in found.get("variables", {}).items():
        yield [_entry("variable", f"{name} = {value!r}")]
    if "upstream" in found:
        yield list(_upstream(found["upstream"]))
    if "cache" in found:
        yield [_entry("cache", _said(found["cache"]), found["cache"])]
        yield [_entry("cache key", found["cache"]["key"])] if "key" in found["cache"] else []
    for line in found.get("limits", ()):
        yield [_entry("holds", line["text"], line)]
    for one in found.get("request_fields", ()):
        yield [_entry("sends", f"{one['name']}: {one['value']}", one.get("by"))]
    yield list(_response(found["response"]))
    for line in found.get("log", ()):
        yield [_entry("log", line)]


def _entry(label: str, said: str, at: dict[str, Any] | None = None) -> str:
    place = f"  [{at['file']}:{at['line']}]" if at else ""
    return f"  {label:<10} {said}{place}"


def _said(line: dict[str, Any]) -> str:
    said: str = line["text"]
    return said


def _server(server: dict[str, Any]) -> Iterator[str]:
    names = " ".join(server["names"]) or "without a name"
    yield _entry("server", f"{names}: {server['why']}", server)
    others = server["others"]
    for other in others[:_OTHERS]:
        called = " ".join(other["names"]) or "without a name"
        yield _entry("not", f"{called}: {other['why_not']}", other)
    if len(others) > _OTHERS:
        yield _entry("not", f"{len(others) - _OTHERS} others (--json)")


def _step(step: dict[str, Any]) -> str:
    if "enters" in step:
        return _entry("enters", step["enters"]["text"], step["enters"])
    if "text" not in step:
        what = f"{step['phase']}: {step['step']}"
        if not step.get("asked", True):
            what += " (named, not run)"
    else:
        what = step["text"]
    effects = [f"-> {step['uri']}"] if "uri" in step else []
    effects += [f"{name} = {value!r}" for name, value in step.get("variables", {}).items()]
    if "holds" in step:
        effects.append("holds" if step["holds"] else "does not hold")
    if "answer" in step:
        effects.append(f"answers {step['answer']}")
    return _entry("step", "  ".join([what, *effects]), step if "file" in step else None)


def _location(location: dict[str, Any]) -> Iterator[str]:
    why = f": {location['why']}" if "why" in location else ""
    yield _entry("location", f"{location['text']}{why}", location)
    if "inside" in location:
        yield _entry("inside", location["inside"]["text"], location["inside"])
    yield _entry("uri", location["uri"])


def _upstream(upstream: dict[str, Any]) -> Iterator[str]:
    if "by" in upstream:
        yield _entry("upstream", upstream["by"]["text"], upstream["by"])
    peers = ", ".join(upstream["peers"]) or "no address known"
    yield _entry("peers", peers, upstream.get("upstream"))
    yield _entry("target", upstream["target"])


def _response(response: dict[str, Any]) -> Iterator[str]:
    yield _entry("status", str(response["status"]))
    for one in response["fields"]:
        yield _entry("adds", f"{one['name']}: {one['value']}", one.get("by"))
    for line in response["lines"]:
        if not line["text"].startswith("add_header "):
            yield _entry("by", line["text"], line)
