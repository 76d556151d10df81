import re

from forkproxy.cli.complaints import Complaints


def test_a_complaint_is_said_and_written(tmp_path, capsys):
    file = tmp_path / "error.log"
    file.write_text("before\n")
    Complaints(str(file)).add("emerg", "no more")
    assert capsys.readouterr().err == "nginx: [emerg] no more\n"
    assert re.fullmatch(r"before\n[\d/]{10} [\d:]{8} \[emerg\] \d+#0: no more\n", file.read_text())


def test_without_a_file_it_is_only_said(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for file in ("", "stderr"):
        Complaints(file).add("warn", "hm")
    assert capsys.readouterr().err == "nginx: [warn] hm\n" * 2
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_opened_is_a_complaint_itself(tmp_path, capsys):
    Complaints(str(tmp_path / "none" / "log")).add("warn", "hm")
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("nginx: [alert] could not open error log file: open() ")
    assert first.endswith("failed (2: No such file or directory)")
    assert second == "nginx: [warn] hm"
