import grp
import os
import pwd

import pytest

from forkproxy.config.directives.process import ControlSocket
from forkproxy.config.load import load_text
from forkproxy.config.settings import listens, process_settings, processors, server_addresses

ROOT = os.geteuid() == 0


def settings(text="", events=""):
    return process_settings(load_text(f"{text} events {{ {events} }}", prefix="/prefix"))


def addresses(*servers):
    blocks = " ".join(f"server {{ {text} }}" for text in servers)
    return listens(load_text(f"events {{ }} http {{ {blocks} }}"))


def test_the_defaults_are_those_of_nginx():
    found = settings()
    assert found.workers == 1
    assert found.daemon is True
    assert found.master_process is True
    assert found.worker_connections == 512
    assert found.priority == 0
    assert found.env == ()
    assert found.working_directory == ""


def test_what_ours_alone_has_its_own_defaults():
    found = settings()
    assert found.worker_shutdown_timeout == 600
    assert found.worker_memory_limit == 0
    assert found.control == ControlSocket("/prefix/forkproxy.sock")
    assert found.pid_path == "/prefix/forkproxy.pid"


def test_what_is_given_is_taken():
    found = settings(
        "worker_processes 3; worker_priority -5; worker_rlimit_nofile 1000; worker_rlimit_core 1m;"
        "daemon off; pid run/x.pid; working_directory /tmp; env A; env B=c;"
        "worker_memory_limit 512m; control_socket unix:run/x.sock mode=0660 group=adm;",
        "worker_connections 7;",
    )
    assert (found.workers, found.priority, found.daemon) == (3, -5, False)
    assert (found.rlimit_nofile, found.rlimit_core) == (1000, 1 << 20)
    assert found.pid_path == "/prefix/run/x.pid"
    assert found.working_directory == "/tmp"
    assert found.env == (("A", None), ("B", "c"))
    assert found.worker_memory_limit == 512 << 20
    assert found.control == ControlSocket("/prefix/run/x.sock", 0o660, "adm")
    assert found.worker_connections == 7


def test_auto_is_one_worker_for_each_processor_we_may_use():
    assert settings("worker_processes auto;").workers == len(os.sched_getaffinity(0))
    assert processors() == len(os.sched_getaffinity(0))


def test_the_pid_file_and_the_control_socket_may_be_off():
    found = settings("pid off; control_socket off;")
    assert found.pid_path == ""
    assert found.control is None


@pytest.mark.skipif(not ROOT, reason="only root chooses a user")
def test_the_children_of_root_are_nobody_unless_the_configuration_says_who():
    assert settings().user.user == "nobody"
    assert settings().user.uid == pwd.getpwnam("nobody").pw_uid
    found = settings(f"user daemon {grp.getgrgid(0).gr_name};").user
    assert (found.uid, found.gid) == (pwd.getpwnam("daemon").pw_uid, 0)


@pytest.mark.skipif(ROOT, reason="root has a choice")
def test_who_is_not_root_stays_who_they_are():
    assert settings().user is None


def test_each_address_is_listened_on_once():
    found = addresses("listen 80; listen 81;", "listen *:80; listen unix:/a;")
    assert [address.text for address in found] == ["0.0.0.0:80", "0.0.0.0:81", "unix:/a"]


def test_the_options_of_an_address_come_from_whichever_server_gives_them():
    (found,) = addresses("listen 80 default_server;", "listen 80 backlog=7 reuseport;")
    assert (found.backlog, found.reuseport, found.default_server) == (7, True, True)
    (found,) = addresses("listen 80 backlog=7 reuseport;", "listen 80 default_server;")
    assert (found.backlog, found.reuseport, found.default_server) == (7, True, True)


def test_a_server_that_names_no_address_has_the_default_one():
    (found,) = addresses("")
    assert found.text == ("0.0.0.0:80" if ROOT else "0.0.0.0:8000")
    assert found.implied


def test_an_address_that_one_server_implies_and_one_names_is_one():
    port = 80 if ROOT else 8000
    (found,) = addresses("", f"listen {port} backlog=7;")
    assert (found.implied, found.backlog) == (True, 7)


def test_the_addresses_of_one_server():
    config = load_text("events { } http { server { listen 80-82; listen [::1]:90; } }")
    (server,) = config.http.blocks("server")
    assert [address.text for address in server_addresses(server)] == [
        "0.0.0.0:80",
        "0.0.0.0:81",
        "0.0.0.0:82",
        "[::1]:90",
    ]


def test_without_http_there_is_nothing_to_listen_on():
    assert listens(load_text("events { }")) == ()
