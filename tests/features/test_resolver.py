from tests.support.client import get
from tests.support.inside import Inside
from tests.support.nameserver import NameServer
from tests.support.origin import Origin, answers, response

PASS = (
    "resolver %NS% ipv6=off; resolver_timeout 1s; location / { proxy_pass http://$arg_h:%HERE%; }"
)


def test_a_name_in_a_url_is_looked_up_at_the_name_server():
    records = {("a.test", "A"): ["127.0.0.1"]}
    with (
        NameServer(records) as server,
        Origin(answers(response(b"here"))) as origin,
        Inside(PASS, NS=server.text, HERE=origin.port) as inside,
    ):
        for _ in range(3):
            assert get(inside.address, b"/?h=a.test").body == b"here"
        assert server.asked == [("a.test", "A")]
        assert len(origin.peers) == 1  # its connection is kept


def test_a_name_that_does_not_exist_is_an_error_of_the_upstream():
    with NameServer() as server, Inside(PASS, NS=server.text, HERE=80) as inside:
        assert get(inside.address, b"/?h=b.test").status == 502
        assert "b.test could not be resolved (3: Host not found)" in inside.errors()


def test_without_a_resolver_a_name_cannot_be_looked_up():
    with Inside("location / { proxy_pass http://$arg_h; }") as inside:
        assert get(inside.address, b"/?h=c.test").status == 502
        assert "no resolver defined to resolve c.test" in inside.errors()


def test_what_is_asked_is_counted_by_zone():
    with NameServer({("a.test", "A"): ["127.0.0.1"]}) as server:
        line = f"resolver {server.text} ipv6=off status_zone=z;"
        inside = Inside(line, "location / { proxy_pass http://$arg_h:1; }")
        with inside:
            get(inside.address, b"/?h=a.test")
            (tally,) = inside.generation.tallies
            assert (tally.kind, tally.name) == ("resolver", "z")
