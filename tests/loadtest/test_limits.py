import pytest

from loadtest.limits import costs, granted, main

SAID = """\
Running 1s test @ http://127.0.0.1:80/
  2000 requests in 1.01s, 1.2MB read
  Non-2xx or 3xx responses: 1900
Requests/sec:   2000.00
"""


def test_granted_is_what_was_not_refused():
    assert granted(SAID) == (2000, 100, 1.01)
    assert granted(SAID.replace("Non-2xx", "Some")) == (2000, 2000, 1.01)


def test_no_summary_is_an_error():
    with pytest.raises(ValueError, match="no summary"):
        granted("connection refused")


def test_a_decision_has_a_cost():
    name, microseconds = next(costs())
    assert name == "one process, one key"
    assert float(microseconds) < 50.0


def test_a_word_that_is_no_number_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["--seconds", "soon"])
    assert "whole number" in capsys.readouterr().err
