from forkproxy.master.commands import Level
from forkproxy.master.lines.sessions import NO_SESSION
from tests.support.administration import Master, tell


def test_the_workers_are_asked_what_is_under_way():
    master = Master()
    assert tell(master, "show sess") is None
    assert master.asked == [("sessions", 7)]
    assert tell(master, "show sess", level=Level.USER) == "Permission denied"


def test_a_session_is_ended_by_its_worker():
    master = Master()
    assert tell(master, "shutdown session 0x300000009") is None
    assert master.asked == [("shutdown", 3, 9, 7, NO_SESSION)]


def test_what_is_no_session_is_refused():
    master = Master()
    assert tell(master, "shutdown session") == "Session pointer expected (use 'show sess')."
    assert tell(master, "shutdown session 0x900000001") == NO_SESSION
