"""keyval: a variable that changes while we run."""

from forkproxy.net.poller import poller_object
from tests.support.client import get
from tests.support.hub import in_hub
from tests.support.inside import Inside

HTTP = "keyval_zone zone=users:1m; keyval $arg_user $group zone=users;"


def test_a_variable_is_what_the_table_says_now():
    with Inside("location / { return 200 <$group>; }", http=HTTP) as server:
        table = server.generation.keyvals["users"].table
        assert get(server.address, b"/?user=ada").body == b"<>"
        in_hub(table.change, {b"ada": (b"admins", 0.0)})
        assert get(server.address, b"/?user=ada").body == b"<admins>"
        in_hub(table.clear)
        assert get(server.address, b"/?user=ada").body == b"<>"


def test_a_ban_is_a_condition():
    http = "keyval_zone zone=banned:1m type=ip; keyval $remote_addr $banned zone=banned;"
    with Inside("if ($banned) { return 403; } return 200;", http=http) as server:
        table = server.generation.keyvals["banned"].table
        assert get(server.address).status == 200
        in_hub(table.change, {b"127.0.0.0/8": (b"1", 0.0)})
        assert get(server.address).status == 403


def test_what_has_had_its_time_is_not_there():
    with Inside("location / { return 200 <$group>; }", http=HTTP) as server:
        table = server.generation.keyvals["users"].table
        in_hub(table.change, {b"ada": (b"admins", in_hub(lambda: poller_object.now) - 1.0)})
        assert get(server.address, b"/?user=ada").body == b"<>"
