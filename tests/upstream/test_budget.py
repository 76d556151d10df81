from forkproxy.upstream.budget import Budget


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
