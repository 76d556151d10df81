"""A checked configuration to a generation: what is in it."""

import pytest

from forkproxy.build import build
from forkproxy.config.load import load_text
from forkproxy.shared.logfile import files
from tests.support.building import Building, server


@pytest.fixture
def load(tmp_path):
    with Building(tmp_path) as building:
        yield building.load


def test_a_generation_has_its_number_and_its_listeners(load):
    assert load(server("return 204;")).number == 1
    generation = load(server("return 204;") + server("return 204;", "127.0.0.1:2"))
    assert generation.number == 2
    assert [listen.text for listen in generation.listens] == ["127.0.0.1:1", "127.0.0.1:2"]
    assert generation.names.keys() == {"127.0.0.1:1", "127.0.0.1:2"}


def test_a_configuration_may_listen_to_nothing(tmp_path):
    generation = build(load_text("events {}", prefix=str(tmp_path)))
    assert (generation.listens, generation.names) == ((), {})
    generation.close()


def test_peers_are_named_by_upstream_and_address(load):
    generation = load(
        "upstream u { server 127.0.0.1:1; server 127.0.0.1:2 backup; }"
        + server("location / { proxy_pass http://u; } location /x { proxy_pass http://[::1]:3; }")
    )
    assert generation.peers == ("u/127.0.0.1:1", "u/127.0.0.1:2", "[::1]:3/[::1]:3")


def test_one_address_is_one_upstream_however_often_it_is_named(load):
    location = "location /{} {{ proxy_pass http://127.0.0.1:3; }}"
    generation = load(server(location.format("a") + location.format("b")))
    assert len(generation.upstreams) == 1


def test_one_log_is_one_file_and_is_closed_with_the_generation(load, tmp_path):
    line = f"access_log {tmp_path}/one.log;"
    generation = load(server(line) + server(line, "127.0.0.1:2"))
    opened = [log for log in generation.logs if log.path.endswith("one.log")]
    assert len(set(map(id, opened))) == 1
    other = load(server(line))
    generation.close()
    generation.close()
    found = files.open(f"{tmp_path}/one.log")
    assert found is opened[0]
    files.close(found)
    other.close()


def test_workers_and_multi_accept_are_those_of_the_configuration(tmp_path):
    text = "worker_processes 3; events { multi_accept on; }"
    generation = build(load_text(text, prefix=str(tmp_path)))
    assert (generation.workers, generation.multi_accept) == (3, True)
    generation.close()
