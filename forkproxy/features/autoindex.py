"""autoindex: the list of a folder, as html, json, jsonp or xml, as nginx writes them."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote
from xml.sax.saxutils import escape

from forkproxy.config.scope import Scope
from forkproxy.core.bodies import OctetsBody
from forkproxy.core.exchange import Exchange, Response
from forkproxy.wire.dates import http_date
from forkproxy.wire.fields import Fields

List = Callable[[Exchange, bytes], Response]

_NAME_LENGTH = 50  # characters of a name that html shows
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MEDIA = {
    "html": b"text/html",
    "json": b"application/json",
    "jsonp": b"application/javascript",
    "xml": b"text/xml; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: str  # directory, file, other
    size: int
    changed: float


def listing(scope: Scope) -> List | None:
    """Return what lists a folder where a scope asks for it, else None."""
    if not scope.value("autoindex"):
        return None
    form = scope.value("autoindex_format")
    exact = scope.value("autoindex_exact_size")
    local = scope.value("autoindex_localtime")

    def list_folder(exchange: Exchange, folder: bytes) -> Response:
        entries = _entries(os.fsdecode(folder))
        media = _MEDIA[form]
        if form == "html":
            text = _html(exchange.uri.decode("utf-8", "surrogateescape"), entries, exact, local)
        elif form == "xml":
            text = _xml(entries)
        else:
            text = _json(entries)
            callback = _callback(exchange) if form == "jsonp" else b""
            if callback:
                text = f"{callback.decode('latin-1')}({text});"
            elif form == "jsonp":
                media = _MEDIA["json"]
        fields = Fields()
        fields.add(b"Content-Type", media)
        return Response(200, fields, OctetsBody(text.encode("utf-8", "surrogateescape")))

    return list_folder


def _callback(exchange: Exchange) -> bytes:
    for pair in (exchange.args or b"").split(b"&"):
        name, _, value = pair.partition(b"=")
        if name.lower() == b"callback":
            return value
    return b""


def _entries(folder: str) -> list[_Entry]:
    """Return what is in a folder but for hidden names; folders first, then by name."""
    found: list[_Entry] = []
    with os.scandir(folder) as names:
        for one in names:
            if one.name.startswith("."):
                continue
            try:
                facts = one.stat()
            except OSError:
                try:
                    facts = one.stat(follow_symlinks=False)
                except OSError:
                    continue  # it is gone
            kind = "file" if stat.S_ISREG(facts.st_mode) else "other"
            if stat.S_ISDIR(facts.st_mode):
                kind = "directory"
            found.append(_Entry(one.name, kind, facts.st_size, facts.st_mtime))
    return sorted(found, key=lambda entry: (entry.kind != "directory", os.fsencode(entry.name)))


def _html(uri: str, entries: list[_Entry], exact: bool, local: bool) -> str:
    title = escape(uri)
    lines = [
        f"<html>\r\n<head><title>Index of {title}</title></head>\r\n<body>\r\n"
        f'<h1>Index of {title}</h1><hr><pre><a href="../">../</a>\r\n'
    ]
    for entry in entries:
        slash = "/" if entry.kind == "directory" else ""
        href = quote(os.fsencode(entry.name), safe="!$&'()*+,;=@~") + slash
        if ":" in entry.name:
            href = "./" + href  # else what is before it would be a scheme
        name = entry.name + slash
        shown, pad = escape(name), _NAME_LENGTH - len(name)
        if len(name) > _NAME_LENGTH:
            shown, pad = escape(name[: _NAME_LENGTH - 3]) + "..&gt;", 0
        moment = time.localtime(entry.changed) if local else time.gmtime(entry.changed)
        date = (
            f"{moment.tm_mday:02}-{_MONTHS[moment.tm_mon - 1]}-{moment.tm_year} "
            f"{moment.tm_hour:02}:{moment.tm_min:02}"
        )
        size = _size(entry, exact)
        lines.append(f'<a href="{escape(href)}">{shown}</a>{" " * (pad + 1)}{date} {size}\r\n')
    lines.append("</pre><hr></body>\r\n</html>\r\n")
    return "".join(lines)


def _size(entry: _Entry, exact: bool) -> str:
    if exact:
        return f"{'-' if entry.kind == 'directory' else entry.size:>19}"
    if entry.kind == "directory":
        return "      -"
    size, scale = entry.size, " "
    for unit, name in ((1 << 30, "G"), (1 << 20, "M"), (9999, "K")):
        if entry.size > unit - (unit == 9999):
            whole = 1 << 10 if name == "K" else unit
            size, scale = (entry.size + whole // 2) // whole, name
            break
    return f" {size:>6}{scale}"


def _json(entries: list[_Entry]) -> str:
    lines = []
    for entry in entries:
        size = f', "size":{entry.size}' if entry.kind == "file" else ""
        changed = http_date(int(entry.changed)).decode()
        name = json.dumps(entry.name, ensure_ascii=False)
        lines.append(f'{{ "name":{name}, "type":"{entry.kind}", "mtime":"{changed}"{size} }}')
    return "[\r\n" + ",\r\n".join(lines) + "\r\n]"


def _xml(entries: list[_Entry]) -> str:
    lines = ['<?xml version="1.0"?>\r\n<list>\r\n']
    for entry in entries:
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(entry.changed))
        size = f' size="{entry.size}"' if entry.kind == "file" else ""
        name = escape(entry.name, {'"': "&quot;"})
        lines.append(f'<{entry.kind} mtime="{moment}"{size}>{name}</{entry.kind}>\r\n')
    lines.append("</list>\r\n")
    return "".join(lines)
