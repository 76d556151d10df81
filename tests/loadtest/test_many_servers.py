from forkproxy.config.load import load_text
from loadtest.many_servers import configuration, routing_time


def test_the_many_are_a_configuration_of_the_size_that_is_meant():
    assert 1_150_000 < len(configuration(5000)) < 1_300_000
    assert len(load_text(configuration(5)).http.blocks("server")) == 5


def test_finding_a_server_takes_some_time_and_not_much():
    config = load_text(configuration(3))
    assert 0 < routing_time(config, "www.site2.example.com", rounds=100) < 1000
