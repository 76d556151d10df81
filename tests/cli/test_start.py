"""`forkproxy start`, as a person meets it."""

import subprocess
import sys

import psutil
import pytest

from forkproxy.cli.start import worker_count
from forkproxy.errors import ConfigError
from tests.support.client import Client
from tests.support.eventually import eventually
from tests.support.sockets import connect, free_port

FORKPROXY = [sys.executable, "-m", "forkproxy"]


def run(*arguments, cwd):
    return subprocess.run(
        [*FORKPROXY, *arguments], cwd=cwd, capture_output=True, text=True, timeout=30
    )


@pytest.fixture
def site(tmp_path):
    """A folder with a bare server block in forkproxy.conf, and nothing else."""
    tmp_path.chmod(0o755)
    address = f"127.0.0.1:{free_port()}"
    (tmp_path / "forkproxy.conf").write_text(f"server {{ listen {address}; return 200 hello; }}\n")
    yield tmp_path, address
    run("stop", cwd=tmp_path)


def started(folder, *arguments):
    return subprocess.Popen(
        [*FORKPROXY, "start", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("given", ["0", "-1", "two", "1.5", ""])
def test_workers_is_a_number_or_auto(given):
    with pytest.raises(ConfigError, match="--workers"):
        worker_count(given)


def test_workers_is_what_was_said():
    assert worker_count(None) is None
    assert worker_count("7") == 7
    assert worker_count("auto") >= 1


def test_a_server_block_alone_in_a_folder_is_served(site):
    folder, address = site
    process = started(folder)
    eventually(lambda: connect(address).close() or True)
    with Client(address) as client:
        assert client.get().body == b"hello"
    assert run("stop", cwd=folder).returncode == 0
    assert process.wait(10) == 0


def test_workers_on_the_command_line_goes_before_the_configuration(site):
    folder, address = site
    process = started(folder, "--workers", "2", "-g", "worker_processes 1;")
    eventually(lambda: connect(address).close() or True)
    children = psutil.Process(process.pid).children
    # Two workers and the keeper; a reload does not forget it.
    eventually(lambda: len(children()) == 3)
    assert run("reload", cwd=folder).returncode == 0
    eventually(lambda: len(children()) == 3)
    run("stop", cwd=folder)
    assert process.wait(10) == 0


def test_a_daemon_serves_when_the_command_returns(site):
    folder, address = site
    done = run("start", "--daemon", cwd=folder)
    assert (done.returncode, done.stdout) == (0, "")
    with Client(address) as client:
        assert client.get().body == b"hello"
    assert run("status", cwd=folder).stdout.startswith("forkproxy ")
    assert run("quit", cwd=folder).returncode == 0
    eventually(lambda: run("status", cwd=folder).returncode == 1)


def test_a_reload_that_cannot_be_says_why_and_changes_nothing(site):
    folder, address = site
    assert run("start", "--daemon", cwd=folder).returncode == 0
    good = (folder / "forkproxy.conf").read_text()
    (folder / "forkproxy.conf").write_text(good.replace("return 200", "retrun 200"))
    failed = run("reload", "--socket", str(folder / "forkproxy.sock"), cwd=folder)
    assert failed.returncode == 1
    assert "retrun" in failed.stderr
    with Client(address) as client:
        assert client.get().body == b"hello"
    (folder / "forkproxy.conf").write_text(good.replace("hello", "again"))
    assert run("reload", cwd=folder).returncode == 0
    with Client(address) as client:
        assert client.get().body == b"again"


def test_a_configuration_that_is_wrong_is_1_with_a_report(site):
    folder, _ = site
    (folder / "forkproxy.conf").write_text("server { lisen 80; }\n")
    done = run("start", cwd=folder)
    assert done.returncode == 1
    assert 'unknown directive "lisen"' in done.stderr
    assert "hint" in done.stderr


def test_a_port_that_is_taken_is_1_and_says_by_whom(site):
    folder, address = site
    assert run("start", "--daemon", cwd=folder).returncode == 0
    done = run("start", "-p", str(folder / "other"), cwd=folder)
    assert done.returncode != 0
    assert address in done.stderr


def test_a_daemon_needs_a_configuration(tmp_path):
    done = run("start", "--daemon", cwd=tmp_path)
    assert done.returncode == 1
    assert "needs a configuration" in done.stderr


def test_a_name_that_nobody_knows_is_said_at_the_start_and_at_a_reload(site):
    folder, address = site
    server = (
        f"server {{ listen {address}; location / {{ proxy_pass http://no-such-name.invalid; }} }}"
    )
    text = f"error_log e.log warn; events {{}} http {{ {server} }}\n"
    (folder / "forkproxy.conf").write_text(text)
    started_once = run("start", "--daemon", cwd=folder)
    assert started_once.returncode == 0
    warning = 'host not found in upstream "no-such-name.invalid'
    assert f"[warn] {warning}" in started_once.stderr
    assert warning not in (folder / "e.log").read_text()
    assert run("reload", cwd=folder).returncode == 0
    assert warning in (folder / "e.log").read_text()
