import socket
import threading

from forkproxy.build import build
from forkproxy.config.load import load_text
from loadtest import administered
from tests.support.eventually import eventually


def test_the_configuration_has_three_servers_that_may_be_changed(tmp_path):
    text = administered.configuration(tmp_path, 18000, [18001, 18002, 18003])
    generation = build(load_text(text, prefix=str(tmp_path)))
    generation.close()
    (upstream,) = generation.upstreams
    assert len(upstream.peers) == 3
    assert generation.zones["u"].zone == "u"


def test_questions_are_asked_until_the_end(tmp_path):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{tmp_path}/control.sock")
    listener.listen()

    def serve():
        for _ in range(2):
            sock, _ = listener.accept()
            with sock:
                assert sock.recv(100) == b"show stat\n"
                sock.sendall(b"# pxname,\n\n")
        listener.close()

    thread = threading.Thread(target=serve)
    thread.start()
    asking = administered.Asking(tmp_path)
    asking._over.wait = lambda _: asking.answers == 2
    with asking:
        eventually(lambda: asking.answers == 2)
    thread.join(10)
