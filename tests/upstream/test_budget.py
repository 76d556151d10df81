import pytest

from forkproxy.upstream.budget import Budget
from tests.support.client import Client
from tests.support.inside import Inside

HALF = """
    upstream u { server %PORT1% max_fails=0; server %PORT2% max_fails=0; }
    server { listen %PORT1%; return 200; }
    server { listen %PORT2%; return 503; }
"""


@pytest.mark.parametrize(("budget", "failed"), [("", 0), ("proxy_next_upstream_budget 20%;", 16)])
def test_the_requests_of_a_location_are_sent_again_as_far_as_its_budget_goes(budget, failed):
    location = f"location / {{ proxy_next_upstream http_503; {budget} proxy_pass http://u; }}"
    with Inside(location, http=HALF) as inside, Client(inside.address) as client:
        statuses = [client.get(b"/").status for _ in range(60)]
    # Each second one meets the bad server first: 30. Ten are saved up, and 60 bring twelve more.
    assert statuses.count(503) in range(failed // 2, failed + 1)
    assert (statuses.count(503) > 0) == (failed > 0)


def test_retries_are_a_share_of_the_requests():
    budget = Budget(0.2)
    retried = 0
    for _ in range(10_000):
        budget.came()
        retried += budget.allows()
    assert 2000 <= retried <= 2010


def test_little_traffic_has_its_retries():
    budget = Budget(0.2)
    budget.came()
    assert budget.allows()


def test_a_quiet_hour_saves_up_no_storm():
    budget = Budget(0.2)
    for _ in range(1000):
        budget.came()
    assert sum(budget.allows() for _ in range(100)) == 10
