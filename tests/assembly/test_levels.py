"""What becomes of blocks within blocks."""

import pytest

from tests.support.client import get
from tests.support.inside import Inside

NESTED = """
    location /a/ {
        add_header X outer;
        location /a/b/ { return 200 nested; }
        location ~ x$ { return 200 regex; }
        return 200 outer;
    }
    location ^~ /s/ { return 200 caret; }
    location ~ \\.x$ { return 200 dot-x; }
"""


@pytest.mark.parametrize(
    ("target", "body"),
    [
        (b"/a/", b"outer"),
        (b"/a/b/", b"nested"),
        (b"/a/x", b"regex"),
        (b"/s/a.x", b"caret"),
        (b"/q.x", b"dot-x"),
    ],
)
def test_locations_are_nested(target, body):
    with Inside(NESTED) as inside:
        answer = get(inside.address, target)
        assert answer.body == body
