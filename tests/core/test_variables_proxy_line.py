"""$proxy_protocol_*: said by a proxy in front, and nothing where there is none."""

from forkproxy.wire.proxy_line import write_record
from tests.support.client import Client, get
from tests.support.inside import Inside

ALL = (
    "$proxy_protocol_addr:$proxy_protocol_port $proxy_protocol_server_addr:"
    "$proxy_protocol_server_port $proxy_protocol_tlv_authority"
)


def test_without_a_header_they_are_empty():
    with Inside(f'location / {{ return 200 "{ALL}"; }}') as server:
        assert get(server.address).body == b": : "


def test_with_one_they_are_what_it_says():
    text = f'server {{ listen %PORT% proxy_protocol; return 200 "{ALL}"; }}'
    with Inside(text) as server, Client(server.address) as client:
        client.send(write_record(b"192.0.2.1", 1, b"192.0.2.2", 2, b"\x02\0\x04name"))
        assert client.get().body == b"192.0.2.1:1 192.0.2.2:2 name"


def test_what_is_unknown_stays_empty():
    text = f'server {{ listen %PORT% proxy_protocol; return 200 "{ALL}"; }}'
    with Inside(text) as server, Client(server.address) as client:
        client.send(b"PROXY UNKNOWN\r\n")
        assert client.get().body == b": : "
