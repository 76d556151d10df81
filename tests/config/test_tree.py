import json

import crossplane
import pytest

from forkproxy.config.load import load, load_text

TEXT = """
events { worker_connections 10; }
http {
    log_format x '$host "a"' 'b';
    include sub/*.conf;
    server {
        listen 80; # a comment
        if ($host = "a b") { return 404; }
        if ( $host ) { return 404; }
        location ~ "^/a{2}" { return 200 "x\\n"; }
    }
}
"""


@pytest.fixture
def main(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.conf").write_text("server { listen 81; }\n")
    (tmp_path / "sub" / "b.conf").write_text("server { listen 82; }\n")
    path = tmp_path / "main.conf"
    path.write_text(TEXT)
    return str(path)


def without_columns(entry):
    """Return a directive as crossplane gives it, which knows no columns."""
    kept = {key: value for key, value in entry.items() if key != "column"}
    if "block" in kept:
        kept["block"] = [without_columns(inner) for inner in kept["block"]]
    return kept


def test_crossplane_makes_the_same_of_it(main):
    theirs = crossplane.parse(main)
    ours = load(main).payload()
    assert ours["status"] == theirs["status"] == "ok"
    assert [file["file"] for file in ours["config"]] == [file["file"] for file in theirs["config"]]
    for our, their in zip(ours["config"], theirs["config"], strict=True):
        for mine, other in zip(our["parsed"], their["parsed"], strict=True):
            assert json.dumps(without_columns(mine), sort_keys=True) == json.dumps(
                other, sort_keys=True
            ).replace("x\\\\n", "x\\n")  # crossplane keeps the escape


def test_every_directive_has_its_column(main):
    (events, http) = load(main).payload()["config"][0]["parsed"]
    assert (events["column"], events["block"][0]["column"]) == (1, 10)
    assert http["block"][0]["column"] == 5


def test_a_fragment_is_shown_as_it_was_written():
    (server,) = load_text("server { listen 80; }").payload()["config"][0]["parsed"]
    assert server["directive"] == "server"
