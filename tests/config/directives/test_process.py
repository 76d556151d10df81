import os

import pytest

from forkproxy.config.directives.process import ControlSocket, CpuAffinity, ErrorLog
from forkproxy.config.problems import Severity
from tests.support.configuration import errors, level, problems


def value(text, name):
    return level("main", f"{text} events {{ }}", prefix="/prefix").value(name)


def errors_of(text):
    return errors("main", f"{text} events {{ }}")


def test_workers_are_a_number_or_auto():
    assert value("worker_processes 4;", "worker_processes") == 4
    assert value("worker_processes auto;", "worker_processes") == 0
    for text in ("0", "-1", "x"):
        assert errors_of(f"worker_processes {text};") == [
            '"worker_processes" directive invalid value'
        ]


def test_processors_are_masks_with_the_first_one_rightmost():
    found = value("worker_cpu_affinity 0001 1010;", "worker_cpu_affinity")
    assert found == CpuAffinity(False, (frozenset({0}), frozenset({1, 3})))
    assert value("worker_cpu_affinity auto 11;", "worker_cpu_affinity") == CpuAffinity(
        True, (frozenset({0, 1}),)
    )
    assert errors_of("worker_cpu_affinity 012;") == [
        'invalid character "2" in "worker_cpu_affinity"'
    ]


def test_an_error_log_is_a_file_or_stderr_and_a_level():
    assert value("error_log a.log;", "error_log") == ErrorLog("/prefix/a.log", "error")
    assert value("error_log stderr info;", "error_log") == ErrorLog("", "info")
    assert errors_of("error_log stderr loud;") == ['invalid log level "loud"']


def test_an_error_log_in_memory_is_refused():
    assert "is not supported" in errors_of("error_log memory:1m;")[0]


def test_the_control_socket_has_a_mode_and_a_group():
    assert value("control_socket unix:a.sock;", "control_socket") == ControlSocket("/prefix/a.sock")
    found = value("control_socket unix:/a mode=0660 group=adm;", "control_socket")
    assert found == ControlSocket("/a", 0o660, "adm")
    assert value("control_socket off;", "control_socket") is None


@pytest.mark.parametrize(
    "text", ["/a", "unix:", "unix:/a mode=9", "unix:/a foo=1", "off mode=0660"]
)
def test_a_control_socket_that_makes_no_sense_is_refused(text):
    assert len(errors_of(f"control_socket {text};")) == 1


def test_the_environment_is_kept_or_given():
    lines = level("main", "env A; env B=; env C=d=e; events { }").lines("env")
    assert [line.value for line in lines] == [("A", None), ("B", ""), ("C", "d=e")]


def test_a_limit_on_memory_may_be_off():
    assert value("worker_memory_limit 1g;", "worker_memory_limit") == 1 << 30
    assert value("worker_memory_limit off;", "worker_memory_limit") == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root looks users up")
def test_a_user_that_is_not_there_is_an_error():
    assert errors_of("user no-such-user;") == ['getpwnam("no-such-user") failed']
    assert errors_of("user root no-such-group;") == ['getgrnam("no-such-group") failed']


@pytest.mark.skipif(os.geteuid() == 0, reason="root may choose")
def test_a_user_is_ignored_with_a_warning_by_who_is_not_root():
    (warning,) = problems("user x; events { }", Severity.WARN)
    assert "makes sense only if the master process runs with super-user" in warning.message


def test_a_profile_is_one_of_two():
    assert value("forkproxy_profile modern;", "forkproxy_profile") == "modern"
    assert errors_of("forkproxy_profile x;") == ['invalid value "x"']


def test_the_event_methods_of_nginx_are_known():
    assert errors("main", "events { use epoll; }") == []
    assert errors("main", "events { use x; }") == ['invalid event type "x"']
