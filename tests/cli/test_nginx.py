"""The shim beside the real nginx: the same texts, the same exit statuses."""

import os
import re
import signal
import subprocess
import sys

import pytest

from forkproxy.cli.nginx import LANGUAGE
from tests.support.client import get
from tests.support.eventually import eventually
from tests.support.proxy import ROOT, Nginx
from tests.support.sockets import free_port

SHIM = [sys.executable, "-m", "forkproxy.cli.nginx"]


def run(*arguments, program=SHIM, cwd=None):
    return subprocess.run(
        [*program, *arguments],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "logs").mkdir()
    return tmp_path


def write(folder, text):
    (folder / "nginx.conf").write_text(text)
    return ["-p", str(folder), "-c", "nginx.conf", "-e", "logs/error.log"]


def compare(where, *arguments):
    """Run both; return what the shim said, after checking that nginx says the same."""
    ours = run(*where, *arguments)
    if Nginx.installed():
        theirs = run(*where, *arguments, program=[Nginx.binary()])
        assert (ours.stderr, ours.returncode) == (theirs.stderr, theirs.returncode)
    return ours


def test_a_good_configuration(folder):
    told = compare(write(folder, "events {}\nhttp { server { listen 8123; } }\n"), "-t")
    assert told.returncode == 0
    assert told.stderr.endswith("nginx.conf test is successful\n")


def test_quietly(folder):
    assert compare(write(folder, "events {}\n"), "-tq").stderr == ""


def test_a_bad_configuration(folder):
    told = compare(write(folder, "events {}\nhttp { serve { listen 8123; } }\n"), "-t")
    assert told.returncode == 1
    assert told.stderr.startswith('nginx: [emerg] unknown directive "serve" in ')


def test_what_is_missing_outside_of_the_text_is_found_as_well(folder):
    listen = f"listen 127.0.0.1:{free_port()};"
    log = f"access_log {folder}/none/access.log;"
    where = write(folder, f"events {{}}\nhttp {{ server {{ {listen} {log} }} }}\n")
    told = compare(where, "-t")
    assert told.returncode == 1
    assert 'nginx: [emerg] open() "' in told.stderr
    started = run(*where)
    assert started.returncode == 1
    assert started.stderr.endswith(told.stderr.splitlines(keepends=True)[1])


def test_a_file_that_is_missing(folder):
    write(folder, "")
    told = compare(["-p", str(folder), "-c", "none.conf", "-e", "logs/error.log"], "-t")
    assert told.returncode == 1


def test_a_bad_directive_of_the_command_line(folder):
    told = compare(write(folder, "events {}\n"), "-t", "-g", "bad;")
    assert "in command line" in told.stderr


def test_the_dump_has_each_file_once(folder):
    (folder / "more.conf").write_text("# more \xff\n", "latin-1")
    where = write(folder, "events {}\ninclude more.conf;\ninclude more.conf;\n")
    command = [*SHIM, *where, "-T"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    dump = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    assert dump == (
        b"# configuration file %(folder)s/nginx.conf:\n"
        b"events {}\ninclude more.conf;\ninclude more.conf;\n\n"
        b"# configuration file %(folder)s/more.conf:\n"
        b"# more \xff\n\n" % {b"folder": os.fsencode(folder)}
    )


def test_the_version():
    told = run("-v")
    assert re.fullmatch(rf"nginx version: nginx/{LANGUAGE} \(forkproxy [\d.]+\)\n", told.stderr)
    assert told.returncode == 0


def test_the_modules_are_arguments_of_configure():
    *_, arguments = run("-V").stderr.splitlines()
    assert arguments.startswith("configure arguments: --prefix=/")


def test_the_help():
    told = run("-h")
    assert "Usage: nginx [-?hvVtTq] [-s signal] [-p prefix]" in told.stderr
    assert told.returncode == 0


@pytest.mark.parametrize(
    ("pid", "complaint"),
    [
        (None, "No such file or directory"),
        ("abc", 'invalid PID number "abc"'),
        ("", 'invalid PID number ""'),
        ("99999999", "No such process"),
    ],
)
def test_a_signal_that_reaches_nobody(folder, pid, complaint):
    where = write(folder, f"pid {folder}/logs/nginx.pid;\nevents {{}}\n")
    if pid is not None:
        (folder / "logs" / "nginx.pid").write_text(pid)
    told = run(*where, "-s", "reload")
    assert complaint in told.stderr
    assert told.returncode == 1


CONF = """
pid {folder}/logs/nginx.pid;
events {{}}
http {{ server {{ listen 127.0.0.1:{port}; location / {{ return 200 {word}; }} }} }}
"""


def test_a_life_in_the_background(folder):
    """Started as a daemon, reloaded, told to quit: each command returns and its pipes close."""
    port = free_port()
    address = f"127.0.0.1:{port}"
    where = write(folder, CONF.format(folder=folder, port=port, word="first"))
    pid_file = folder / "logs" / "nginx.pid"
    try:
        assert run(*where).returncode == 0
        eventually(lambda: get(address).body == b"first")
        write(folder, CONF.format(folder=folder, port=port, word="second"))
        assert run(*where, "-s", "reload").returncode == 0
        eventually(lambda: get(address, timeout=1).body == b"second")
        assert run(*where, "-s", "quit").returncode == 0
        eventually(lambda: not pid_file.exists(), within=15)
    finally:
        if pid_file.exists():
            os.kill(int(pid_file.read_text()), signal.SIGTERM)


def test_as_the_entry_point_of_a_container_it_stays_and_ends_with_its_signal(folder):
    port = free_port()
    where = write(folder, CONF.format(folder=folder, port=port, word="inside"))
    command = [*SHIM, *where, "-g", "daemon off;"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: get(f"127.0.0.1:{port}").body == b"inside", within=15)
        process.send_signal(signal.SIGQUIT)
        assert process.wait(15) == 0
    finally:
        process.kill()
        process.wait()


@pytest.mark.skipif(not Nginx.installed(), reason="nginx is not installed")
@pytest.mark.parametrize(
    "text", ["nonsense;", "http { access_log none/access.log; server { listen 8123; } }"]
)
def test_what_is_wrong_at_the_start_is_written_into_the_file_of_e(folder, text):
    where = write(folder, f"events {{}}\n{text}\n")
    log = folder / "logs/error.log"
    written = []
    for program in (SHIM, [Nginx.binary()]):
        assert run(*where, "-t", program=program).returncode == 1
        written.append(re.sub(r"^\S+ \S+ (\[\w+\]) \d+#\d+: ", r"\1 ", log.read_text()))
        log.unlink()
    assert written[0] == written[1]
    assert written[0].startswith("[emerg] ")
