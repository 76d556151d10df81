"""The configuration files that come with forkproxy; conf/ at the top links to them."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).parent

MIME_TYPES = str(_HERE / "mime.types")  # media types of file names, to be included in http
DEFAULT = str(_HERE / "forkproxy.conf")  # a configuration that teaches
