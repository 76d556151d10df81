"""stub_status: four lines, and the variables that show the same."""

import re

from forkproxy.shared import cells
from forkproxy.shared.scoreboard import Row
from tests.support.client import ask, get, request
from tests.support.inside import Inside

PAGE = re.compile(
    rb"Active connections: (\d+) \nserver accepts handled requests\n"
    rb" (\d+) (\d+) (\d+) \nReading: (\d+) Writing: (\d+) Waiting: (\d+) \n"
)


def board():
    made = cells.make(2)
    made.board.claim(Row.FIRST_WORKER)
    return made.of(Row.FIRST_WORKER)


def test_connections_and_requests_are_shown():
    with Inside("location = /s { stub_status; }", cells=board()) as server:
        get(server.address, b"/s")
        answer = get(server.address, b"/s")
        assert answer.get(b"content-type") == b"text/plain"
        assert [int(number) for number in PAGE.fullmatch(answer.body).groups()] == [
            1,
            2,
            2,
            2,
            0,
            1,
            0,
        ]


def test_variables_show_the_same():
    text = '"$connections_active $connections_reading $connections_writing $connections_waiting"'
    with Inside(f"location / {{ return 200 {text}; }}", cells=board()) as server:
        assert get(server.address).body == b"1 0 1 0"


def test_only_reading_is_allowed():
    with Inside("location / { stub_status; }", cells=board()) as server:
        assert ask(server.address, request(b"POST", b"/"), to=b"POST").status == 405


def test_without_a_scoreboard_there_is_nothing_to_show():
    with Inside("location / { stub_status on; }") as server:
        assert get(server.address).body.startswith(b"Active connections: 0 \n")
