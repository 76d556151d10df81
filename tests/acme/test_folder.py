import stat

from forkproxy.acme.folder import Folder, http_answer, validation

TOKEN = "a" * 43


def test_a_file_is_written_whole_and_for_its_owner_alone(tmp_path):
    folder = Folder(str(tmp_path))
    folder.write("a.pem", b"one")
    folder.write("a.pem", b"two")
    assert folder.read("a.pem") == b"two"
    assert stat.S_IMODE((tmp_path / "a.pem").stat().st_mode) == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["a.pem"]


def test_what_is_not_there_is_none_and_what_makes_no_sense_is_empty(tmp_path):
    folder = Folder(str(tmp_path))
    assert folder.read("none") is None
    assert folder.read_json("none") == {}
    folder.write("bad", b"{")
    assert folder.read_json("bad") == {}
    folder.write_json("good", {"a": 1})
    assert folder.read_json("good") == {"a": 1}


def test_the_lock_is_one_holders_at_a_time(tmp_path):
    one, two = Folder(str(tmp_path)), Folder(str(tmp_path))
    with one.lock() as ours:
        assert ours
        with two.lock() as theirs:
            assert not theirs
    with two.lock() as theirs:
        assert theirs


def test_a_token_is_answered_out_of_any_folder(tmp_path):
    paths = (str(tmp_path / "none"), str(tmp_path))
    Folder(paths[1]).write(f"http-01/{TOKEN}", b"the answer")
    assert http_answer(paths, TOKEN) == b"the answer"
    assert http_answer(paths, "b" * 43) is None


def test_no_other_file_is_ever_an_answer(tmp_path):
    folder = Folder(str(tmp_path))
    folder.write("http-01/x", b"")
    folder.write("account.pem", b"secret")
    for token in ("../account.pem", "/etc/passwd", "", ".", "x" * 15, "x" * 300):
        assert http_answer((str(tmp_path),), token) is None
    for name in ("../account", "/etc/x", "", "A.test", "../../account"):
        assert validation((str(tmp_path),), name) is None


def test_a_validation_is_shown_by_name(tmp_path):
    Folder(str(tmp_path)).write("tls-alpn-01/a.test.pem", b"pem")
    assert validation((str(tmp_path),), "a.test") == b"pem"
    assert validation((str(tmp_path),), "b.test") is None
