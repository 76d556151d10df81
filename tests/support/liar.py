"""An authority that speaks ACME as little as it is told to.

with Liar({"/": (200, {"newNonce": "%BASE%/nonce"}, {})}) as liar:
    issuer = Issuer("ca", path, liar.uri)
"""

import http.server
import json
import threading


class Liar:
    """Answers by path with (status, JSON or octets, fields); %BASE% in it is its own address.

    None closes the connection instead. A path that is not given is a 404. Each answer has a nonce.
    """

    def __init__(self, answers):
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.answers = answers
        self._base = f"http://127.0.0.1:{self._server.server_port}"
        self._server.base = self._base
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self.uri = f"{self._base}/"

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        length = int(self.headers.get("Content-Length", 0))
        self.rfile.read(length)
        answer = self.server.answers.get(self.path, (404, b"", {}))
        if answer is None:
            self.close_connection = True
            return
        status, body, fields = answer
        octets = body if isinstance(body, bytes) else json.dumps(body).encode()
        octets = octets.replace(b"%BASE%", self.server.base.encode())
        given = {"Content-Type": "application/json", "Replay-Nonce": "bm9uY2U"} | fields
        self.send_response(status)
        for name, value in given.items():
            self.send_header(name, value.replace("%BASE%", self.server.base))
        self.send_header("Content-Length", str(len(octets)))
        self.end_headers()
        self.wfile.write(octets)

    do_HEAD = do_POST = do_GET  # noqa: N815 (the names of http.server)

    def log_message(self, *_):
        pass
