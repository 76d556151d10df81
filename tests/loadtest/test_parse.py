from forkproxy.wire.head import parse_request_head
from loadtest.parse import BROWSER, LINES, SMALL, costs, main


def test_each_message_has_a_line_with_both_costs():
    titles, *rows = costs(rounds=1, batch=10)
    assert len(rows) == len(LINES)
    assert all(len(row) == len(titles) for row in rows)
    assert float(rows[0][2]) > 0
    assert float(rows[0][3]) > 0


def test_the_messages_are_what_they_are_called():
    assert len(parse_request_head(SMALL).fields) == 2
    assert len(parse_request_head(BROWSER).fields) == 8


def test_it_prints_one_table(capsys):
    assert main(["--rounds", "1"]) == 0
    assert "forkproxy µs" in capsys.readouterr().out
