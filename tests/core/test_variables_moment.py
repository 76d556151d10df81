"""Variables of the machine and the moment."""

import os
import re

import pytest

from tests.support.client import get
from tests.support.inside import Inside


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("msec", rb"\d{10,}\.\d{3}"),
        ("time_iso8601", rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"),
        ("time_local", rb"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}"),
        ("date_gmt", rb"[A-Z][a-z]+, \d\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d (GMT|UTC)"),
        ("hostname", rb"[a-z0-9.-]+"),
        ("nginx_version", rb"\d+\.\d+\.\d+.*"),
        ("pid", str(os.getpid()).encode()),
    ],
)
def test_its_form(name, pattern):
    with Inside(f"location / {{ return 200 ${name}; }}") as server:
        assert re.fullmatch(pattern, get(server.address).body)
