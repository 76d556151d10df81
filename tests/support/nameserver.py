"""A name server on loopback that answers by a table, over UDP and TCP at one port."""

import socketserver
import threading

import dns.flags
import dns.message
import dns.rcode
import dns.rrset


class NameServer:
    """Answers from `records`: (name, kind) to texts, or to a code such as "SERVFAIL".

    Attributes:
        asked: (name, kind) of each question, in order.
        silent: names that get no answer.
        large: names whose answers only TCP can hold.
    """

    def __init__(self, records=None, ttl=60):
        self.records = records or {}
        self.ttl = ttl
        self.asked = []
        self.silent = set()
        self.large = set()
        outer = self

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self):
                octets, sock = self.request
                answer = outer.answer(octets, tcp=False)
                if answer:
                    sock.sendto(answer, self.client_address)

        class Stream(socketserver.BaseRequestHandler):
            def handle(self):
                length = int.from_bytes(self.request.recv(2), "big")
                answer = outer.answer(self.request.recv(length), tcp=True)
                self.request.sendall(len(answer).to_bytes(2, "big") + answer)

        while True:
            self._tcp = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Stream)
            self.address = self._tcp.server_address
            try:
                self._udp = socketserver.ThreadingUDPServer(self.address, Datagram)
                break
            except OSError:  # the port is another's over UDP
                self._tcp.server_close()
        for server in (self._udp, self._tcp):
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def text(self):
        return f"127.0.0.1:{self.address[1]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    def answer(self, octets, *, tcp):
        question = dns.message.from_wire(octets)
        (asked,) = question.question
        name, kind = asked.name.to_text(omit_final_dot=True), asked.rdtype.name
        self.asked.append((name, kind))
        if name in self.silent:
            return b""
        reply = dns.message.make_response(question)
        if name in self.large and not tcp:
            reply.flags |= dns.flags.TC
            return reply.to_wire()
        found = self.records.get((name, kind))
        if isinstance(found, str):
            reply.set_rcode(dns.rcode.from_text(found))
        elif found:
            reply.answer.append(dns.rrset.from_text(asked.name, self.ttl, "IN", kind, *found))
        elif alias := self.records.get((name, "CNAME")):
            reply.answer.append(dns.rrset.from_text(asked.name, self.ttl, "IN", "CNAME", *alias))
        elif not any(known == name for known, _ in self.records):
            reply.set_rcode(dns.rcode.NXDOMAIN)
        return reply.to_wire()
