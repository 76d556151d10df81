from forkproxy.master.events import Command
from tests.support.administration import Master, call, upstream


def test_a_command_of_ours_is_a_path():
    master = Master()
    assert call(master, "GET", "/api/9/forkproxy/status")[1]["pid"] == 1
    assert call(master, "POST", "/api/9/forkproxy/reload") is None
    assert master.asked == [(Command.RELOAD, 7)]


def test_the_commands_are_listed():
    assert "reload" in call(Master(), "GET", "/api/9/forkproxy")[1]


def test_arguments_are_words_of_the_path_or_of_the_query():
    for path in ("drain/api/10.0.0.1:80", "drain?upstream=api&server=10.0.0.1:80"):
        master = Master(upstreams=[upstream("api", "10.0.0.1:80", "10.0.0.2:80")])
        status, data = call(master, "POST", f"/api/9/forkproxy/{path}")
        assert (status, data["state"]) == (200, "draining")


def test_too_few_arguments_are_refused():
    status, data = call(Master(), "POST", "/api/9/forkproxy/drain")
    assert (status, data["error"]["code"]) == (400, "BadArguments")


def test_certificates_are_read_again_by_a_reload():
    master = Master()
    assert call(master, "POST", "/api/9/forkproxy/certs/reload") is None
    assert [asked[:2] for asked in master.asked] == [("reload", 7)]
    assert call(master, "GET", "/api/9/forkproxy/certs/reload")[0] == 405
