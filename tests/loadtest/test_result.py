import pytest

from loadtest.result import Result
from loadtest.scenario import Sample


def result(*costs, failures=()):
    made = Result("small", 5.0, 64, False, {"nginx": "1.22"})
    for cost in costs:
        made.add("nginx", Sample({"cpu_us": cost}, dict(failures)))
    return made


def test_the_median_counts():
    assert result(10.0, 90.0, 12.0).middle("nginx", "cpu_us") == 12.0


def test_rounds_without_a_value_are_left_out():
    assert result(None, 10.0, 20.0).middle("nginx", "cpu_us") == 15.0
    assert result(None).middle("nginx", "cpu_us") is None


def test_the_noise_is_half_the_range_as_a_part_of_the_median():
    assert result(9.0, 10.0, 11.0).spread("nginx", "cpu_us") == pytest.approx(0.1)
    assert result(0.0, 0.0).spread("nginx", "cpu_us") is None


def test_failures_add_up_over_the_rounds():
    assert result(1.0, 1.0, failures={"read": 2, "write": 0}).failures("nginx") == {"read": 4}


def test_what_is_written_is_read_back(tmp_path):
    file = tmp_path / "result.json"
    made = result(10.0, None, failures={"read": 1})
    file.write_text(made.text())
    assert Result.read(file) == made


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"samples": {}}', '{"samples": {"a": [1]}}'])
def test_another_file_is_refused_by_its_name(tmp_path, text):
    file = tmp_path / "other.json"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"other\.json is no result"):
        Result.read(file)
