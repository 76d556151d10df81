import sys

from forkproxy.config.load import load
from loadtest import many_certificates
from loadtest.address import free_ports


def test_each_server_has_a_certificate_that_is_shown_by_its_name(tmp_path):
    (port,) = free_ports(1)
    many_certificates.write_certificates(tmp_path, 10)
    path = tmp_path / "nginx.conf"
    path.write_text(many_certificates.configuration(tmp_path, 10, port))
    assert len(load(str(path)).http.blocks("server")) == 10
    program = (sys.executable, "-m", "forkproxy.cli.nginx")
    assert many_certificates.check_time(program, path)[0] > 0
    with many_certificates.serving(program, path, port) as child:
        assert many_certificates.handshake_time(child, port, 20) >= 0
