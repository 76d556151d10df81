import socketserver
import threading

from loadtest.pings import command, parse, part, ping


class Answering(socketserver.StreamRequestHandler):
    def handle(self):
        while self.rfile.readline() not in (b"", b"\r\n"):
            pass
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        self.handle()


def test_each_answer_has_its_moment_and_what_it_took():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answering) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        taken = ping(server.server_address[1], "/", 0.05, 2)
        server.shutdown()
    assert all(took >= 0.0 for _, took in taken)
    assert len(taken) >= 2


def test_a_part_is_what_it_took_at_the_most():
    taken = [float(number) for number in range(1, 101)]
    assert [part(taken, share) for share in (0.5, 0.99, 1.0)] == [50.0, 99.0, 100.0]
    assert part([], 0.5) == 0.0


def test_the_last_line_is_what_it_prints():
    assert parse("a warning\n[[1, 0.5]]") == [(1.0, 0.5)]
    assert command(80, "/", 1.0, 2)[-4:] == ["80", "/", "1.0", "2"]
