"""Thousands of servers with a certificate each: what a check costs, and whether a handshake pays.

    python -m loadtest.many_certificates

checks 10 and 10,000 servers with certificates of their own (ECDSA, P-256), with forkproxy and with
nginx in turn, then starts both with each and shakes hands, always with the same ten of the servers.
Shown are medians: CPU and wall seconds of `-t`, and the worker's CPU microseconds for a handshake.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import resource
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from loadtest import proc
from loadtest.address import LOOPBACK, free_ports, wait_open
from loadtest.child import Child, Cores
from loadtest.proxies import busiest_child

ASKED = 10  # servers that handshakes are made with
FEW = 10
_STARTED = 120.0  # seconds that a start may take
PROGRAMS = {
    "forkproxy": (sys.executable, "-m", "forkproxy.cli.nginx"),
    "nginx": ("nginx",),
}


def name_of(number: int) -> str:
    """Return the name of one of the servers."""
    return f"site{number}.example.com"


def write_certificates(folder: Path, count: int) -> None:
    """Write so many certificates of one authority, with their keys, and a chain of one."""
    issuer_key = ec.generate_private_key(ec.SECP256R1())
    issuer = _certificate("Authority", issuer_key, "Authority", issuer_key)
    chain = issuer.public_bytes(serialization.Encoding.PEM)
    for number in range(count):
        key = ec.generate_private_key(ec.SECP256R1())
        made = _certificate(name_of(number), key, "Authority", issuer_key)
        (folder / f"{number}.crt").write_bytes(
            made.public_bytes(serialization.Encoding.PEM) + chain
        )
        (folder / f"{number}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, by: str, by_key: ec.EllipticCurvePrivateKey
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    subject, issuer = (
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)]) for text in (name, by)
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=89))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    )
    return made.sign(by_key, hashes.SHA256())


def configuration(folder: Path, count: int, port: int) -> str:
    """Return a configuration with so many servers, all on one port."""
    servers = "".join(
        f"""\
    server {{
        listen {LOOPBACK}:{port} ssl;
        server_name {name_of(number)};
        ssl_certificate {folder}/{number}.crt;
        ssl_certificate_key {folder}/{number}.key;
        return 200;
    }}
"""
        for number in range(count)
    )
    return f"""\
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    server_names_hash_max_size {max(512, 8 * count)};
    server_names_hash_bucket_size 128;
{servers}}}
"""


def check_time(program: Sequence[str], path: Path) -> tuple[float, float]:
    """Return the CPU seconds and the wall seconds of one `-t`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    subprocess.run([*program, "-t", "-c", str(path)], check=True, capture_output=True)
    wall = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


@contextlib.contextmanager
def serving(program: Sequence[str], path: Path, port: int) -> Iterator[Child]:
    """Run a proxy while the `with` lasts."""
    core = Cores.available().proxy
    with Child([*program, "-c", str(path)], core, path.with_suffix(".output")) as child:
        if not wait_open([port], child.alive, _STARTED):
            raise OSError(f"{program[0]} does not start: {child.said()}")
        yield child


def shake_hands(port: int, count: int) -> None:
    """Make full handshakes with ten servers in turn. Raises where another one answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for number in range(count):
        name = name_of(number % ASKED)
        with (
            socket.create_connection((LOOPBACK, port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname=name) as connection,
        ):
            if name.encode() not in (connection.getpeercert(binary_form=True) or b""):
                raise ValueError(f"another server than {name} answers")


def handshake_time(child: Child, port: int, count: int) -> float:
    """Return the CPU microseconds that a handshake costs the worker."""
    shake_hands(port, 2 * ASKED)
    worker = busiest_child(child.pid)
    assert worker is not None
    shake_hands(port, count)
    after = next(one for one in proc.living(child.pid) if one.pid == worker.pid)
    return (after.own_cpu - worker.own_cpu) / count * 1e6


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="how many are many")
    parser.add_argument("--rounds", type=int, default=3, help="checks; the median is shown")
    parser.add_argument("--handshakes", type=int, default=2000, help="of one measurement")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_certificates(folder, options.count)
        print("program    servers  check CPU s  wall s  handshake CPU µs")
        for count in (FEW, options.count):
            for line in _compare(folder, count, options.rounds, options.handshakes):
                print(line, flush=True)
    return 0


def _compare(folder: Path, count: int, rounds: int, handshakes: int) -> Iterator[str]:
    (port,) = free_ports(1)
    path = folder / f"{count}.conf"
    path.write_text(configuration(folder, count, port))
    checks: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    for _ in range(rounds):
        for name, program in PROGRAMS.items():
            checks[name].append(check_time(program, path))
    for name, program in PROGRAMS.items():
        with serving(program, path, port) as child:
            spent = statistics.median(handshake_time(child, port, handshakes) for _ in range(3))
        cpu, wall = (statistics.median(each) for each in zip(*checks[name], strict=True))
        yield f"{name:9}  {count:7}  {cpu:11.2f}  {wall:6.2f}  {spent:16.1f}"


if __name__ == "__main__":
    sys.exit(main())
