import pytest

from forkproxy.config.directives import TABLE, accepted
from forkproxy.config.row import Tier
from tests.support.configuration import errors


@pytest.mark.parametrize("row", accepted.ROWS, ids=lambda row: row.name)
def test_they_are_accepted_and_no_more(row):
    assert row.tier is Tier.ACCEPTED
    assert TABLE[row.name] == (row,)


def test_what_changes_no_answer_is_taken():
    assert errors("http", "gzip_disable msie6; gzip_buffers 16 8k; ssl_dhparam dh.pem;") == []
