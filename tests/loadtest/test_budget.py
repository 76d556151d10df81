from loadtest.budget import FEATURES, budget, differences
from loadtest.result import Result
from loadtest.scenario import Sample


def result(**costs):
    made = Result("budget", 1.0, 1, False, {})
    for name, taken in costs.items():
        for cost in taken:
            made.add(name, Sample({"cpu_us": cost}))
    return made


def test_a_feature_costs_what_it_adds_within_each_round():
    made = result(forward=[10.0, 20.0, 12.0], gzip=[15.0, 25.5, 17.0])
    assert differences(made, "gzip") == [5.0, 5.5, 5.0]
    assert "+5.0" in budget(made, {})


def test_a_round_without_a_cost_is_left_out():
    assert differences(result(forward=[10.0, None], gzip=[11.0, 9.0]), "gzip") == [1.0]


def test_a_refused_feature_is_named_with_its_reason():
    text = budget(result(forward=[10.0]), {"gzip": "unknown directive"})
    assert "gzip: unknown directive" in text


def test_every_feature_has_a_name_of_its_own():
    assert len({feature.name for feature in FEATURES}) == len(FEATURES)
