"""The clients that come back with their sessions, and what they report."""

import pytest

from loadtest.handshakes import Report, parse, run
from tests.support.inside import Inside
from tests.support.tls import server_lines


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_all_but_the_first_are_resumed(version):
    with Inside(f"server {{ listen %PORT% ssl; {server_lines()} return 200 here; }}") as server:
        report = run(int(server.address.rpartition(":")[2]), 0.2, version)
    assert report.handshakes > 1
    assert report.resumed == report.handshakes - 1
    assert report.failed == 0


def test_a_report_is_read_as_it_was_written():
    assert parse('noise\n{"handshakes": 3, "resumed": 2, "failed": 1}\n') == Report(3, 2, 1)
    with pytest.raises(ValueError, match="Traceback"):
        parse("Traceback")
