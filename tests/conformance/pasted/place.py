"""A machine for a configuration that was made for another one.

A process that is alone in its namespaces gets a root of its own, an overlay of the real one, in
which what a configuration names exists: certificates, included files, folders with pages, users.
Every address can be reached and every name resolves, to an origin. Nothing outside is changed.
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from forkproxy.config.parser import Parser, flat
from forkproxy.config.problems import Findings

CONF = "/etc/nginx/nginx.conf"
PEM = "/etc/pasted.pem"
OURS, ORIGIN = "198.18.0.2", "198.18.0.1"
PASSES = {"proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "set", "map"}
CERTIFICATES = {
    *("ssl_certificate", "ssl_certificate_key", "ssl_trusted_certificate"),
    *("ssl_client_certificate", "proxy_ssl_certificate", "proxy_ssl_certificate_key"),
    *("proxy_ssl_trusted_certificate", "grpc_ssl_trusted_certificate"),
}
PAGES = {
    "index.html": "<html>home</html>\n" * 100,
    "index.htm": "<html>old home</html>\n",
    "index.php": "<?php phpinfo();\n",
    "robots.txt": "User-agent: *\n",
    "favicon.ico": "icon",
    "style.css": "body { color: red }\n" * 100,
    "app.js": "alert(1);\n" * 200,
    "image.png": "\x89PNG",
    "404.html": "<html>not here</html>\n",
    "50x.html": "<html>broken</html>\n",
    "sub/index.html": "<html>below</html>\n",
    "sub/file.txt": "text\n",
    ".env": "SECRET=1\n",
    "secret.txt": "protected\n",
}
KEPT = set()  # folders of caches
# What a container's image or a package has around a file of servers.
AROUND = """\
user www-data;
worker_processes 1;
events { worker_connections 1024; }
http {
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    log_format main '$remote_addr "$request" $status $body_bytes_sent';
    access_log /var/log/nginx/access.log main;
    sendfile on;
    keepalive_timeout 65;
    include /etc/nginx/conf.d/*.conf;
}
"""
SNIPPETS = {
    "options-ssl-nginx.conf": """\
        ssl_session_cache shared:le_nginx_SSL:10m; ssl_session_timeout 1440m;
        ssl_session_tickets off; ssl_protocols TLSv1.2 TLSv1.3; ssl_prefer_server_ciphers off;
    """,
    "snakeoil.conf": "ssl_certificate /etc/pasted.pem; ssl_certificate_key /etc/pasted.pem;",
}


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def settle(folder):
    """Make a root of our own in an empty folder, and go there."""
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder)
    for name in ("upper", "work", "root"):
        os.mkdir(f"{folder}/{name}")
    root = f"{folder}/root"
    layers = f"lowerdir=/,upperdir={folder}/upper,workdir={folder}/work"
    run("mount", "-t", "overlay", "overlay", "-o", layers, root)
    run("mount", "--rbind", "/dev", f"{root}/dev")
    run("mount", "-t", "proc", "proc", f"{root}/proc")
    run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", f"{root}/run")
    os.chroot(root)
    os.chdir("/")


def write(path, text):
    file = Path(path)
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, errors="surrogateescape")


def put(text):
    """Write the configuration where nginx looks for it, with what it is to be included in."""
    for folder in ("sites-enabled", "conf.d", "modules-enabled"):
        shutil.rmtree(f"/etc/nginx/{folder}", ignore_errors=True)
        os.makedirs(f"/etc/nginx/{folder}")
    text = re.sub(r"(?m)^\s*daemon\s+\w+;", "", text)
    bare = re.sub(r"#.*", "", text)
    if re.search(r"(?m)^\s*http\s*\{", bare):
        write(CONF, text)
        return
    write(CONF, AROUND)
    if not re.search(r"(?m)^\s*(server|upstream)\b[^;{]*\{", bare):
        text = f"server {{\nlisten 80;\n{text}\n}}\n"
    write("/etc/nginx/conf.d/default.conf", text)


def read():
    """Return all directives, outermost first, includes opened."""
    file = Parser(Findings(), "/etc/nginx").read_file(CONF)
    return list(walk(file.nodes))


def walk(nodes, above=()):
    for node in flat(nodes):
        yield above, node
        yield from walk(node.block or [], (*above, node))


def furnish():
    """Make what the configuration names; return its directives, each below its blocks."""
    certificate()
    for user in ("nginx", "www", "http", "app", "web", "apache", "nobody"):
        subprocess.run(["useradd", "-M", "-U", user], check=False, capture_output=True)
    for _ in range(5):
        missing = [one for _, node in everything() for one in absent(node)]
        if not missing:
            break
        for path in missing:
            write(path, SNIPPETS.get(Path(path).name, ""))
    found = read()
    names = set()
    for above, node in found:
        supply(above, node)
        names.update(hosts(above, node))
    with open("/etc/hosts", "w") as file:
        file.write(f"127.0.0.1 localhost {os.uname().nodename}\n")
        file.writelines(f"{ORIGIN} {name}\n" for name in sorted(names - {"localhost"}))
    return found


def everything():
    """Yield what was read, `include` directives among it."""

    def each(nodes):
        for node in nodes:
            yield node
            yield from each(node.block or [])
            for file in node.included or ():
                yield from each(file.nodes)

    file = Parser(Findings(), "/etc/nginx").read_file(CONF)
    for node in each(file.nodes):
        yield (), node


def absent(node):
    """Return the files that an `include` names and nobody has."""
    if node.name != "include" or not node.args or re.search(r"[*?\[$]", node.args[0]):
        return []
    path = os.path.join("/etc/nginx", node.args[0])
    return [] if os.path.exists(path) else [path]


def certificate():
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30"
    out = ["-keyout", PEM, "-out", f"{PEM}.crt"]
    run(*command.split(), *out, "-subj", "/CN=app", "-addext", "subjectAltName=DNS:app")
    with open(PEM, "a") as file:
        file.write(Path(f"{PEM}.crt").read_text())


def supply(above, node):
    """Make the file or folder that a directive names."""
    value = node.args[0] if node.args else ""
    path = os.path.join("/etc/nginx", value.removeprefix("$document_root").lstrip("="))
    if not value or "$" in value:
        return
    if node.name in CERTIFICATES and ":" not in value and not os.path.exists(path):
        write(path, Path(PEM).read_text())
    elif node.name == "ssl_dhparam" and not os.path.exists(path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        kind = ["-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"]
        run("openssl", "genpkey", "-genparam", *kind, "-out", path)
    elif node.name == "auth_basic_user_file" and not os.path.exists(path):
        write(path, "someone:{PLAIN}secret\n")
    elif node.name in ("access_log", "error_log", "pid", "lock_file") and "/" in value:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    elif node.name.endswith(("_cache_path", "_temp_path")) and not os.path.exists(path):
        KEPT.add(path)
        forget()
    elif node.name in ("root", "alias"):
        pages("/usr/share/nginx/" + value if not value.startswith("/") else value)
        for block in above[-1:]:
            if node.name == "root" and block.name == "location":
                pages(value + "/" + block.args[-1].lstrip("^~ "))


def forget():
    """Empty the caches, as a server finds them that is started for the first time."""
    for path in KEPT:
        shutil.rmtree(path, ignore_errors=True)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, 0o777)


def pages(folder):
    """Fill a folder with pages, all of one age."""
    if "$" in folder or re.search(r"[\\^()|*]", folder):
        return
    if os.path.splitext(folder)[1] in (".html", ".txt", ".ico", ".xml", ".json", ".png"):
        write(folder, "a file\n")
        os.utime(folder, (1.7e9, 1.7e9))
        return
    for name, text in PAGES.items():
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            write(path, text)
        with contextlib.suppress(OSError):
            os.utime(path, (1.7e9, 1.7e9))


def hosts(above, node):
    """Return the names of hosts that a directive speaks of."""
    texts = []
    mapped = bool(above) and above[-1].name == "map"
    if mapped or node.name in PASSES or (node.name == "server" and node.block is None):
        texts = node.args
    for text in texts:
        bare = re.sub(r"^\w+://", "", text).partition("/")[0]
        name = re.match(r"([A-Za-z_][\w.-]*)(:\d+)?$", bare)
        if name and not bare.startswith("unix:"):
            yield name[1]


def places(found):
    """Return where origins are to listen: on loopback or sockets, and the world's ports."""
    here, world = set(), {80, 443, 9000, 8080, 8000, 3000, 5000}
    taken = {node.args[0].rpartition(":")[2] for _, node in found if node.name == "listen"}
    for _, node in found:
        for text in [*node.args, *([node.name] if node.args else [])]:
            for path in re.findall(r"unix:(/[^\s:;]+)", text):
                if node.name != "listen":
                    here.add(f"unix:{path}")
            for port in re.findall(r":(\d{2,5})\b", text):
                world.add(int(port))
    here |= {f"127.0.0.1:{port}" for port in world if str(port) not in taken}
    here |= {f"[::1]:{port}" for port in world if str(port) not in taken}
    return sorted(here), [f"0.0.0.0:{port}" for port in sorted(world)]


def connect(found, log):
    """Lead every address to an origin, and start those."""
    here, world = places(found)
    run("ip", "link", "set", "lo", "up")
    command = [sys.executable, "-m", "tests.conformance.pasted.origin", log, ORIGIN, PEM]
    shell = (
        "ip link set lo up; read ready; ip address add 198.18.0.1/30 dev world;"
        'ip link set world up; ip route add local 0.0.0.0/0 dev lo table main; exec "$@"'
    )
    outer = subprocess.Popen(
        ["unshare", "-n", "sh", "-c", shell, "sh", *command, *world],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    # The other end is moved once the child is in a network of its own.
    mine = os.readlink("/proc/self/ns/net")
    while os.readlink(f"/proc/{outer.pid}/ns/net") == mine:
        pass
    peer = ["peer", "name", "world", "netns", str(outer.pid)]
    run("ip", "link", "add", "ours", "type", "veth", *peer)
    run("ip", "address", "add", f"{OURS}/30", "dev", "ours")
    run("ip", "link", "set", "ours", "up")
    run("ip", "route", "add", "default", "via", ORIGIN)
    outer.stdin.write(b"\n")
    outer.stdin.flush()
    inner = subprocess.Popen([*command, *here], stdout=subprocess.PIPE)
    for origin in (outer, inner):
        origin.stdout.readline()
    for _, node in found:  # what we are to be found at, beside loopback
        address = re.match(r"(\d+\.\d+\.\d+\.\d+):?", node.args[0]) if node.args else None
        if node.name == "listen" and address and not address[1].startswith(("0.", "127.")):
            run("ip", "address", "add", f"{address[1]}/32", "dev", "lo")
