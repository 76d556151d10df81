"""secure_link: links that only who knows a secret can make, and that may end."""

from __future__ import annotations

from forkproxy.config import values
from forkproxy.config.row import HSL, LOCATION, row

ROWS = [
    row("secure_link", HSL, values.template, "hash[,expires] as the request has them"),
    row("secure_link_md5", HSL, values.template, "the text whose MD5 the hash must be"),
    row(
        "secure_link_secret",
        [LOCATION],
        values.word,
        "the secret of links of the form /prefix/hash/link",
    ),
]
