import json

import pytest

from loadtest.compare import compare, judge, main
from loadtest.result import Result
from loadtest.scenario import Sample


def result(scenario="small", **rounds):
    made = Result(scenario, 5.0, 64, False, {})
    for name, costs in rounds.items():
        for cost in costs:
            made.add(name, Sample({"cpu_us": cost}))
    return made


@pytest.mark.parametrize(
    ("after", "more_is_better", "word"),
    [
        ([20.0, 20.2, 19.9, 20.1], False, "slower"),
        ([20.0, 20.2, 19.9, 20.1], True, "faster"),
        ([5.0, 5.2, 4.9, 5.1], False, "faster"),
        ([10.2, 9.8, 10.1, 9.9], False, "same"),
    ],
)
def test_a_difference_beyond_the_noise_counts(after, more_is_better, word):
    verdict = judge([10.0, 10.1, 9.9, 10.05], after, more_is_better=more_is_better)
    assert verdict.word == word


def test_a_small_change_is_the_same_even_if_it_is_certain():
    verdict = judge([10.0] * 5, [10.1] * 5, more_is_better=False)
    assert verdict.chance < 0.05
    assert verdict.word == "same"


def test_a_large_change_within_the_noise_is_the_same():
    verdict = judge([5.0, 20.0, 10.0, 40.0], [6.0, 50.0, 11.0, 45.0], more_is_better=False)
    assert verdict.change > 0.1
    assert verdict.word == "same"


def test_three_rounds_can_never_tell():
    assert judge([1.0] * 3, [2.0] * 3, more_is_better=False).word == "too few rounds"


def test_many_rounds_are_judged_by_a_sample_of_the_permutations():
    verdict = judge([10.0 + i / 10 for i in range(12)], [20.0] * 12, more_is_better=False)
    assert verdict.word == "slower"


def test_a_machine_that_was_slower_for_the_reference_too_changes_nothing():
    before = result(forkproxy=[20.0, 20.1, 20.2, 20.3], nginx=[10.0, 10.1, 10.2, 10.3])
    after = result(forkproxy=[40.1, 40.2, 40.0, 40.4], nginx=[20.1, 20.0, 20.2, 20.2])
    assert compare(before, after, "nginx")["forkproxy", "cpu_us"].word == "same"
    assert compare(before, after, None)["forkproxy", "cpu_us"].word == "slower"


def files(tmp_path, before, after):
    names = []
    for name, made in (("before", before), ("after", after)):
        file = tmp_path / f"{name}.json"
        file.write_text(made if isinstance(made, str) else made.text())
        names.append(str(file))
    return names


def test_the_exit_status_says_whether_anything_got_slower(tmp_path, capsys):
    slow, fast = result(nginx=[1.0] * 4, x=[2.0] * 4), result(nginx=[1.0] * 4, x=[1.0] * 4)
    assert main(files(tmp_path, fast, slow)) == 1
    assert "+100.0%" in capsys.readouterr().out
    assert main(files(tmp_path, slow, fast)) == 0


@pytest.mark.parametrize("other", ["", json.dumps([]), result("upload", x=[1.0]), result(y=[1.0])])
def test_results_that_cannot_be_compared_are_refused(tmp_path, other, capsys):
    assert main(files(tmp_path, result(x=[1.0]), other)) == 2
    assert capsys.readouterr().err
