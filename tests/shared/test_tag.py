"""Tags are SipHash-1-3, under a secret that is kept."""

import os
import subprocess
import sys

import pytest

from forkproxy.shared import tag


@pytest.fixture
def own_secret():
    before = tag.secret()
    yield
    tag.share_secret(before)


def test_it_is_the_hash_that_python_has_too(own_secret):
    if sys.hash_info.algorithm != "siphash13":
        pytest.skip("this Python has another hash")
    keys = [b"k" * length for length in range(1, 40)]
    said = subprocess.run(
        [sys.executable, "-c", f"print([hash(key) for key in {keys}])"],
        env=os.environ | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    tag.share_secret("0" * 32)
    assert [tag.tag(key) for key in keys] == [found % 2**64 for found in eval(said.stdout)]


def test_another_secret_makes_other_tags(own_secret):
    before = tag.tag(b"key")
    kept = tag.secret()
    tag.share_secret("0123456789abcdef" * 2)
    assert tag.tag(b"key") != before
    tag.share_secret(kept)
    assert tag.tag(b"key") == before


@pytest.mark.parametrize("text", ["", "0", "x" * 32])
def test_what_is_no_secret_is_refused(text):
    before = tag.secret()
    with pytest.raises(ValueError, match=r"digits|invalid literal"):
        tag.share_secret(text)
    assert tag.secret() == before
