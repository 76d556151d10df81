"""disable_symlinks' arguments."""

import pytest

from tests.support.configuration import errors, level


def test_a_mode_and_what_is_trusted():
    found = level("http", "disable_symlinks if_not_owner from=$document_root;")
    value = found.value("disable_symlinks")
    assert (value.owners, len(value.start)) == (True, 1)
    assert level("http", "disable_symlinks on;").value("disable_symlinks").start is None
    assert level("http", "disable_symlinks off;").value("disable_symlinks") is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("yes", 'invalid parameter "yes"'),
        ("from=/a", '"disable_symlinks" must have "off", "on" or "if_not_owner" parameter'),
        ("off from=/a", '"from=" cannot be used with "off" parameter'),
        ("on off", 'duplicate parameters "on off"'),
    ],
)
def test_what_is_wrong(text, reason):
    assert errors("http", f"disable_symlinks {text};") == [reason]
