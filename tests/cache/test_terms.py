"""The terms of a location's cache, where they depend on the request."""

from tests.support.caching import answers, caching, fresh


def test_a_zone_may_be_named_by_a_variable():
    conf = "location /by { proxy_pass http://%ORIGIN%; proxy_cache $arg_zone; }"
    with caching(answers(fresh()), more=conf) as server:
        assert server.ask(b"/by?zone=none").code == 500
        assert server.ask(b"/by").code == 200
        assert server.ask(b"/by?zone=one").code == 200
        assert len(server.keys()) == 1


def test_a_condition_bypasses_the_cache_and_the_answer_replaces_what_is_there():
    script = answers(fresh(b"one"), fresh(b"two"))
    with caching(script, "proxy_cache_bypass $arg_new; proxy_cache_key $uri;") as server:
        server.ask()
        assert server.ask(b"/?new=1").status == "BYPASS"
        assert server.ask(b"/?new=0").body == b"two"
