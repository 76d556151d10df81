import pytest

from loadtest.drive import Load, parse

REPORT = """\
Running 2s test @ http://127.0.0.1:18000/1024
  1 threads and 64 connections
  1000 requests in 2.00s, 1.2MB read
  Socket errors: connect 0, read 3, write 0, timeout 0
{"requests": 1000, "microseconds": 2000000, "octets": 1260000, "p50": 1500, "p99": 8000, \
"connect": 0, "read": 3, "write": 0, "status": 2, "timeout": 0}
"""


def test_a_report_is_the_last_line_in_seconds():
    report = parse(REPORT)
    assert (report.requests, report.seconds, report.octets) == (1000, 2.0, 1260000)
    assert (report.p50, report.p99) == (0.0015, 0.008)


def test_errors_are_taken_in_by_kind_and_no_others_named():
    assert parse(REPORT).errors == {"read": 3, "status": 2}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unable to connect to 127.0.0.1:18000 Connection refused\n",
        "{}\n",
        "[1]\n",
        '{"requests',
    ],
)
def test_what_is_no_report_is_said_with_what_wrk_said(text):
    with pytest.raises(ValueError, match="wrk failed: ") as caught:
        parse(text)
    assert text.strip() in str(caught.value)


def test_a_body_is_given_to_the_script_after_the_url():
    words = Load("http://x/upload", 64, body=65536).command(3)
    assert words[-3:] == ["http://x/upload", "post", "65536"]


def test_one_of_many_paths_is_asked_for_by_the_script():
    assert Load("http://x/", 64, among=1000).command(3)[-3:] == ["http://x/", "among", "1000"]


def test_a_number_below_zero_is_no_option_of_wrk():
    words = Load("http://x/", 64, among=-1).command(3)
    assert words.index("--") < words.index("-1")


def test_fields_go_before_the_url_and_seconds_are_whole():
    words = Load("http://x/", 64, fields=("Connection: close",)).command(0.2)
    assert words[words.index("-H") + 1] == "Connection: close"
    assert words[words.index("-d") + 1] == "1s"
    assert words[-1] == "http://x/"
