"""The variables every request has, and those that the configuration may use."""

import pytest

from forkproxy.config.variables import AVAILABLE, AVAILABLE_PREFIXES
from forkproxy.core import variables


@pytest.mark.parametrize("name", sorted(variables.names()))
def test_what_is_computed_may_be_used(name):
    assert name in AVAILABLE or name.startswith(AVAILABLE_PREFIXES)


def test_every_family_may_be_used():
    assert variables.prefixes() == set(AVAILABLE_PREFIXES)
