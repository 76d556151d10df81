"""A head and the file behind it leave together."""

from tests.support.client import Client, request
from tests.support.inside import Inside


def test_the_head_of_a_file_comes_with_the_front_of_the_file():
    with Inside("root files;") as server, Client(server.address) as client:
        server.write("files/large", bytes(100000))
        for _ in range(5):
            client.send(request(b"GET", b"/large"))
            first = client.socket.recv(1 << 20)
            head, _, content = first.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert content
            heard = len(content)
            while heard < 100000:
                heard += len(client.socket.recv(1 << 20))
