import pytest

from forkproxy.build import build
from forkproxy.config.directives.upstream import UpstreamZone
from forkproxy.config.load import load_text
from forkproxy.errors import ConfigError
from forkproxy.upstream.balance import (
    hash,
    ip_hash,
    least_conn,
    least_time,
    random,
    ring,
    round_robin,
)


def built(text, tmp_path, name="u"):
    """Return the upstream `u` of a configuration, built."""
    whole = f"error_log {tmp_path}/e; events {{}} http {{ access_log off; {text} }}"
    generation = build(load_text(whole, prefix=str(tmp_path)))
    try:
        return next(one for one in generation.upstreams if one.name == name)
    finally:
        generation.close()


def test_each_method_has_its_policy(tmp_path):
    kinds = {
        "": round_robin.RoundRobin,
        "least_conn;": least_conn.LeastConn,
        "least_time header;": least_time.LeastTime,
        "hash $uri;": hash.Hash,
        "hash $uri consistent;": ring.Ring,
        "ip_hash;": ip_hash.IpHash,
        "random;": random.Random,
        "random two;": random.RandomTwo,
    }
    for line, kind in kinds.items():
        made = built(f"upstream u {{ {line} server 127.0.0.1; }}", tmp_path)
        assert type(made.policy) is kind


def test_the_method_that_stands_last_counts(tmp_path):
    made = built("upstream u { least_conn; random; server 127.0.0.1; }", tmp_path)
    assert type(made.policy) is random.Random


def test_members_are_numbered_as_they_stand(tmp_path):
    made = built(
        "upstream u { server 127.0.0.2 backup; server unix:/a; server [::1]:81 weight=2; }",
        tmp_path,
    )
    assert [(one.id, one.address) for one in made.members.values()] == [
        (0, "127.0.0.2:80"),
        (1, "unix:/a"),
        (2, "[::1]:81"),
    ]
    assert [peer.name for peer in made.backups.peers] == [b"127.0.0.2"]


def test_a_name_that_nobody_knows_is_a_notice_and_no_end(tmp_path):
    made = built("upstream u { server no.such.name.invalid; server 127.0.0.1; }", tmp_path)
    assert [one.server.name for one in made.unresolved] == ["no.such.name.invalid"]
    assert len(made.peers) == 1


def test_the_limits_of_connections_are_the_upstreams_own(tmp_path):
    made = built(
        "upstream u { server 127.0.0.1; keepalive 7 local; keepalive_requests 3; queue 5; }",
        tmp_path,
    )
    assert (made.pool.most, made.pool.local, made.pool.requests) == (7, True, 3)
    assert made.queue.most == 5


def test_two_lines_with_one_address_are_two_peers(tmp_path):
    made = built("upstream u { server 127.0.0.1; server 127.0.0.1; }", tmp_path)
    assert [one.key for one in made.members.values()] == ["127.0.0.1:80", "127.0.0.1:80#1"]


def test_the_servers_of_a_state_file_are_those_of_its_upstream(tmp_path):
    text = f"upstream u {{ zone u 64k; state {tmp_path}/u.conf; }}"
    assert built(text, tmp_path).members == {}
    (tmp_path / "u.conf").write_text("server 10.0.0.1:80 weight=2;\nserver 10.0.0.2:80 down;\n")
    first, second = built(text, tmp_path).members.values()
    assert (first.address, first.server.weight) == ("10.0.0.1:80", 2)
    assert second.server.down


def test_a_state_file_that_makes_no_sense_is_an_error(tmp_path):
    (tmp_path / "u.conf").write_text("sever 10.0.0.1:80;\n")
    with pytest.raises(ConfigError):
        built(f"upstream u {{ zone u 64k; state {tmp_path}/u.conf; }}", tmp_path)


def test_what_an_upstream_says_of_itself_is_known_by_its_name(tmp_path):
    text = (
        "upstream a { zone shared 64k; server 10.0.0.1; keepalive 7; queue 5; } "
        "upstream b { hash $uri; server 10.0.0.1; }"
    )
    whole = f"error_log {tmp_path}/e; events {{}} http {{ access_log off; {text} }}"
    generation = build(load_text(whole, prefix=str(tmp_path)))
    generation.close()
    assert generation.zones == {
        "a": UpstreamZone("shared", "", 7, 5),
        "b": UpstreamZone("", "", 32, 0, backups=False),
    }
