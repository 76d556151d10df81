"""autoindex, random_index: what is in a folder, for paths that end in /."""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.row import HSL, LOCATION, Inherit, row

ROWS = [
    row(
        "random_index",
        [LOCATION],
        values.flag,
        "answer for a folder with any of its files, before an index file is looked for",
        default=False,
        inherit=Inherit.NEAREST,
    ),
    row("autoindex", HSL, values.flag, "list folders that have no index file", default=False),
    row(
        "autoindex_format",
        HSL,
        values.choice("html", "json", "jsonp", "xml"),
        "how such a list is written",
        default="html",
    ),
    row(
        "autoindex_exact_size",
        HSL,
        values.flag,
        "sizes of files in octets rather than in K, M and G; html only",
        default=True,
    ),
    row(
        "autoindex_localtime",
        HSL,
        values.flag,
        "times in local time rather than UTC; html only",
        default=False,
    ),
]
