"""Fixtures that many folders use."""

import pytest

from tests.support.origin import Origin
from tests.support.proxy import Nginx, Proxy


@pytest.fixture
def origin():
    """An origin that answers each request with its own octets."""
    with Origin() as origin:
        yield origin


@pytest.fixture(params=[Nginx, Proxy], ids=lambda kind: kind.name)
def kind(request):
    """Nginx, then Proxy: what a test takes to start the same configuration on either."""
    return installed(request.param)


def installed(kind):
    """Return `kind`; skip the test where it is not on this machine."""
    if not kind.installed():
        pytest.skip(f"{kind.name} is not installed")
    return kind
