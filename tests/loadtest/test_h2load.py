import pytest

from loadtest.h2load import Load, parse

REPORT = """\
finished in 2.01s, 500.00 req/s, 600.00KB/s
requests: 1010 total, 1010 started, 1010 done, 1000 succeeded, 10 failed, 3 errored, 1 timeout
status codes: 1000 2xx, 0 3xx, 0 4xx, 7 5xx
traffic: 1.10MB (1150000) total, 20.00KB (20480) headers, 1.00MB (1024000) data
                     min         max         mean         sd        +/- sd
time for request:      250us     12.50ms      1.50ms       900us    70.00%
time for connect:     1.00ms      2.00ms      1.50ms       300us    60.00%
"""


def test_a_report_is_what_succeeded_in_seconds_and_octets():
    report = parse(REPORT)
    assert (report.requests, report.seconds, report.octets) == (1000, 2.01, 1024000)
    assert report.mean == pytest.approx(0.0015)


def test_what_failed_is_either_lost_or_answered_with_another_status():
    assert parse(REPORT).errors == {"errored": 3, "status": 7, "timeout": 1}


@pytest.mark.parametrize("text", ["", "Could not resolve host\n", REPORT.splitlines()[0]])
def test_what_is_no_report_is_said_with_what_h2load_said(text):
    with pytest.raises(ValueError, match="h2load failed: ") as caught:
        parse(text)
    assert text.strip() in str(caught.value)


def test_it_runs_for_whole_seconds():
    words = Load("https://x/", 10, 20).command(0.2)
    assert words[words.index("-c") + 1] == "10"
    assert words[words.index("-m") + 1] == "20"
    assert words[words.index("-D") + 1] == "1"


def test_it_runs_for_a_count_of_requests_where_one_is_given():
    words = Load("https://x/", 1, 1, requests=5).command(3)
    assert words[words.index("-n") + 1] == "5"
    assert "-D" not in words
