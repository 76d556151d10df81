"""secure_link: a link holds where the hash was made with the secret, and until it ends."""

import base64
import hashlib

import pytest

from tests.support.client import get
from tests.support.inside import Inside

NEW = """
    location /new { secure_link $arg_h; secure_link_md5 "s$uri"; return 200 "[$secure_link]"; }
    location /until { secure_link $arg_h,$arg_e; secure_link_md5 "s$uri$arg_e";
                      return 200 "[$secure_link]$secure_link_expires"; }
    location /p/ { secure_link_secret s; return 200 "[$secure_link]"; }
    location / { return 200 "[$secure_link$secure_link_expires]"; }
"""


def body(target):
    with Inside(NEW) as server:
        return get(server.address, target).body


def made(text):
    return base64.urlsafe_b64encode(hashlib.md5(text).digest())


@pytest.mark.parametrize("end", [b"", b"=="])
def test_the_right_hash_makes_it_one(end):
    assert body(b"/new?h=" + made(b"s/new").rstrip(b"=") + end) == b"[1]"


@pytest.mark.parametrize(
    "given", [b"", b"x", b"?" * 22, made(b"x/new"), made(b"s/new") + b"AA", b"A" * 30]
)
def test_another_makes_it_nothing(given):
    assert body(b"/new?h=" + given) == b"[]"


def test_a_link_ends():
    for instant, verdict in ((b"4102444800", b"1"), (b"1000000000", b"0")):
        target = b"/until?h=%s&e=%s" % (made(b"s/until" + instant), instant)
        assert body(target) == b"[%s]%s" % (verdict, instant)


@pytest.mark.parametrize("instant", [b"0", b"x", b"-5", b"9" * 30])
def test_an_end_that_is_none_makes_it_nothing(instant):
    target = b"/until?h=%s&e=%s" % (made(b"s/until" + instant), instant)
    assert body(target) == b"[]" + instant


def test_the_old_form_has_the_hash_in_its_path():
    right = hashlib.md5(b"a/b.htmls").hexdigest().encode()
    assert body(b"/p/" + right + b"/a/b.html") == b"[a/b.html]"
    assert body(b"/p/" + b"0" * 32 + b"/a/b.html") == b"[]"
    assert body(b"/p/short/a") == b"[]"
    assert body(b"/p/") == b"[]"


def test_there_is_none_elsewhere():
    assert body(b"/x") == b"[]"
