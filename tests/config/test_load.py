import contextlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forkproxy.config.load import load, load_text
from forkproxy.config.problems import ConfigErrors, Severity
from forkproxy.config.shipped import DEFAULT, MIME_TYPES

SHIPPED = Path(DEFAULT).read_text().replace("include mime.types;", "")
SMALL = "events { }\nhttp { server { listen 80; } }\n"


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "main.conf"
    path.write_text(SMALL)
    return path


def test_a_file_becomes_levels(small):
    config = load(str(small))
    assert config.path == str(small)
    assert config.http.blocks("server")[0].parent is config.http
    assert config.http.parent is config.main
    assert config.notices == ()


def test_the_prefix_is_the_folder_of_the_file_unless_given(small, tmp_path):
    assert load(str(small)).prefix == str(tmp_path)
    assert load(str(small), prefix="/srv").prefix == "/srv"
    assert load(str(small), prefix="/srv").main.prefix == "/srv"


def test_a_relative_file_is_taken_from_the_prefix(small, tmp_path):
    assert load("main.conf", prefix=str(tmp_path)).path == str(small)


def test_a_relative_file_without_a_prefix_is_taken_from_here(small, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load("main.conf").path == str(small)


def test_all_files_are_named_once(small, tmp_path):
    (tmp_path / "x.conf").write_text("env A;")
    small.write_text("include x.conf; include x.conf;" + SMALL)
    assert load(str(small)).files == (str(small), str(tmp_path / "x.conf"))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigErrors) as caught:
        load(str(tmp_path / "none.conf"))
    (problem,) = caught.value.problems
    assert problem.message == (
        f'open() "{tmp_path}/none.conf" failed (2: No such file or directory)'
    )


def test_directives_of_the_command_line_are_of_the_main_context(small):
    config = load(str(small), directives="daemon off; worker_processes 3;")
    assert config.main.value("daemon") is False
    assert config.main.value("worker_processes") == 3
    assert config.files == (str(small),)


def test_an_error_on_the_command_line_says_so(small):
    with pytest.raises(ConfigErrors) as caught:
        load(str(small), directives="foo;")
    assert caught.value.problems[0].headline() == (
        'nginx: [emerg] unknown directive "foo" in command line'
    )


def test_the_command_line_and_the_file_may_not_say_the_same_thing(small):
    small.write_text("daemon on;" + SMALL)
    with pytest.raises(ConfigErrors, match='"daemon" directive is duplicate'):
        load(str(small), directives="daemon off;")


def test_text_has_a_name_for_messages():
    with pytest.raises(ConfigErrors) as caught:
        load_text("foo;", name="built in")
    assert caught.value.path == "built in"


def test_text_without_http_is_a_configuration_too():
    assert load_text("events { }").http is None


def test_warnings_stop_nothing_and_are_kept():
    config = load_text(SMALL.replace("listen 80;", "listen 80; server_name a/b;"))
    (warning,) = config.notices
    assert warning.severity is Severity.WARN
    assert warning.message == 'server name "a/b" has suspicious symbols'


def test_errors_come_with_the_warnings():
    with pytest.raises(ConfigErrors) as caught:
        load_text(SMALL.replace("listen 80;", "server_name a/b; foo;"))
    assert [problem.severity for problem in caught.value.problems] == [
        Severity.WARN,
        Severity.EMERG,
    ]


def test_the_shipped_configuration_is_good():
    config = load(DEFAULT)
    assert config.notices == ()
    assert config.files == (DEFAULT, MIME_TYPES)
    assert config.http.value("types")["woff2"] == "font/woff2"


@given(
    st.integers(0, len(SHIPPED)), st.integers(0, 30), st.text(";{}\"'\\$ #\n()=~@/a1", max_size=5)
)
@settings(deadline=None)
def test_whatever_is_typed_into_a_configuration_it_loads_or_is_refused(at, gone, typed):
    with contextlib.suppress(ConfigErrors):
        load_text(SHIPPED[:at] + typed + SHIPPED[at + gone :])


@pytest.mark.parametrize("end", range(0, len(SHIPPED), 97))
def test_a_configuration_that_was_cut_off_loads_or_is_refused(end):
    with contextlib.suppress(ConfigErrors):
        load_text(SHIPPED[:end])
