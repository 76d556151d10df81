from loadtest.large_http2 import Row, main


def test_python_sends_and_fetches_through_a_proxy_and_nothing_is_lost(capsys):
    assert main(["--octets", "600000", "--clients", "h2"]) == 0
    rows = capsys.readouterr().out.splitlines()[1:]
    assert [row.split("  ")[0] for row in rows] == [
        "h2 fetches, buffered",
        "h2 sends, buffered",
        "h2 fetches, streamed",
        "h2 sends, streamed",
    ]


def test_a_row_says_where_a_sum_is_another():
    row = Row("curl sends, streamed", whole=False, seconds=2.0, octets=2**21, grown=2**20)
    assert row.line().split() == ["curl", "sends,", "streamed", "OTHER", "1", "1.0"]
