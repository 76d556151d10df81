"""Names of fields, told apart by their letters in any case."""

import pytest

from forkproxy.wire.head import parse_fields
from forkproxy.wire.head_limits import HeadLimits
from forkproxy.wire.names import NameSet

# One that is known by number, one that is not, and such as differ from it in one letter.
NAMES = [b"connection", b"x-secret", b"x-sacred", b"x_secret", b"x-secre"]

ODD = HeadLimits(underscores=True)


def test_a_set_of_names_tells_what_is_in_it():
    names = NameSet([b"host", b"x-a"])
    assert b"host" in names
    assert b"via" not in names
    assert names.names == {b"host", b"x-a"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("change", [bytes.lower, bytes.upper, bytes.title])
def test_a_set_holds_its_names_in_any_case_and_no_others(name, change):
    fields = parse_fields(change(name) + b": a\r\n\r\n", ODD)
    for wanted in NAMES:
        assert (fields.written(NameSet([wanted])) == b"") == (name == wanted)
