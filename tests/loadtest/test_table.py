from loadtest.result import Result
from loadtest.scenario import Column, Sample, Scenario, one_decimal
from loadtest.table import aligned, failed, table

COST = Scenario(
    "a test",
    measure=lambda proxy, terms: Sample({}),
    columns=(Column("cost", "cost", one_decimal), Column("size", "size", one_decimal)),
    cost="cost",
)


def result(**costs):
    made = Result("test", 1.0, 1, False, {})
    for name, taken in costs.items():
        for cost in taken:
            made.add(name, Sample({"cost": cost, "size": 1.0}))
    return made


def cells(text, line):
    return text.splitlines()[line].split()


def test_the_first_column_is_to_the_left_and_the_others_to_the_right():
    lines = aligned([["", "one"], ["name", "1"]]).splitlines()
    assert lines == ["      one", "----  ---", "name    1"]


def test_each_proxy_is_related_to_each_peer():
    text = table(result(forkproxy=[30.0], nginx=[20.0], caddy=[60.0]), COST)
    assert text.splitlines()[0].split("  ")[-1].strip() == "failed"
    assert cells(text, 2) == ["forkproxy", "30.0", "0%", "1.50", "0.50", "1.0", "0"]
    assert cells(text, 3) == ["nginx", "20.0", "0%", "1.00", "0.33", "1.0", "0"]


def test_the_noise_stands_beside_the_cost():
    assert cells(table(result(nginx=[9.0, 10.0, 11.0]), COST), 2)[1:3] == ["10.0", "10%"]


def test_a_value_that_never_was_is_a_dash():
    text = table(result(forkproxy=[None], nginx=[20.0]), COST)
    assert cells(text, 2) == ["forkproxy", "-", "-", "-", "1.0", "0"]


def test_a_scenario_without_a_cost_has_no_ratios():
    plain = Scenario("a test", COST.measure, COST.columns)
    text = table(result(forkproxy=[1.0], nginx=[2.0]), plain)
    assert cells(text, 0) == ["cost", "size", "failed"]


def test_failed_requests_are_said_loudly():
    made = result(nginx=[1.0])
    made.add("nginx", Sample({"cost": 1.0}, {"read": 3, "status": 2}))
    assert failed(made) == "!!! nginx FAILED 5 requests: read 3, status 2"


def test_nothing_is_said_where_nothing_failed():
    assert failed(result(nginx=[1.0])) == ""
