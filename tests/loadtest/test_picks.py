from loadtest import picks


def test_a_choice_is_measured(tmp_path):
    for method in picks.METHODS:
        assert picks.pick(picks.upstream(method, str(tmp_path)), 10) > 0


def test_many_upstreams_have_many_servers(tmp_path):
    text = picks.configuration("random;", 3, 4)
    assert text.count("upstream u") == 4
    assert text.count("server 10.0.") == 12
