"""Variables of the client's connection."""

from tests.support.client import Client, get
from tests.support.inside import Inside


def values(text):
    with Inside(f'location / {{ return 200 "{text}"; }}') as server:
        return get(server.address).body.split(), server.address


def test_addresses_and_ports():
    found, address = values("$remote_addr $realip_remote_addr $server_addr:$server_port")
    assert found == [b"127.0.0.1", b"127.0.0.1", address.encode()]


def test_the_binary_address_has_four_octets():
    with Inside("location / { return 200 $binary_remote_addr; }") as server:
        assert get(server.address).body == b"\x7f\x00\x00\x01"


def test_requests_of_a_connection_are_counted():
    conf = 'location / { return 200 "$connection $connection_requests $pipe"; }'
    with Inside(conf) as server, Client(server.address) as client:
        first, second = client.get().body.split(), client.get().body.split()
        assert first[0] == second[0]
        assert (first[1:], second[1:]) == ([b"1", b"."], [b"2", b"."])


def test_the_kernel_is_asked_about_tcp():
    found, _ = values("$tcpinfo_rtt $tcpinfo_rttvar $tcpinfo_snd_cwnd $tcpinfo_rcv_space")
    assert len(found) == 4
    assert all(number.isdigit() for number in found)
    assert int(found[2]) > 0
