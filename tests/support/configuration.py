"""Configurations for tests: pieces put in their places, and what is wrong with them."""

import re
import shutil
import subprocess
from pathlib import Path

from forkproxy.config.load import load_text
from forkproxy.config.problems import ConfigErrors, Severity

WHOLE = {
    "main": "{}",
    "http": "events {{}}\nhttp {{\naccess_log off;\n{}\n}}\n",
    "upstream": "events {{}}\nhttp {{\naccess_log off;\nupstream u {{\n{}\n}}\n}}\n",
    "server": "events {{}}\nhttp {{\naccess_log off;\nserver {{\n{}\n}}\n}}\n",
    "location": "events {{}}\nhttp {{\naccess_log off;\nserver {{\nlocation / {{\n{}\n}}\n}}\n}}\n",
}


def whole(place, text):
    """Return a whole configuration with a text in its place."""
    return WHOLE[place].format(text)


def level(place, text, **options):
    """Load a configuration; return the level that the text stands in."""
    main = load_text(whole(place, text), **options).main
    path = {"main": [], "location": ["http", "server", "location"]}
    for kind in path.get(place, ["http", place] if place != "http" else ["http"]):
        (main,) = main.blocks(kind)
    return main


def problems(text, severity=Severity.EMERG, **options):
    """Return the problems of one severity, [] where there are none."""
    try:
        found = load_text(text, **options).notices
    except ConfigErrors as errors:
        found = errors.problems
    return [problem for problem in found if problem.severity is severity]


def errors(place, text, **options):
    """Return the messages of all errors, in nginx's words."""
    return [problem.message for problem in problems(whole(place, text), **options)]


def warnings(place, text):
    """Return the messages of all warnings."""
    return [problem.message for problem in problems(whole(place, text), Severity.WARN)]


def hints(place, text):
    """Return the hints of all errors."""
    return [problem.hint for problem in problems(whole(place, text))]


def nginx_verdict(text, folder):
    """Return what the real nginx says of a configuration: its first error, or "ok".

    What depends on the machine (an address that is in use, a missing right) is no error.
    """
    path = Path(folder, "nginx.conf")
    path.write_text(text)
    command = [shutil.which("nginx"), "-t", "-c", str(path), "-p", str(folder), "-e", "stderr"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stderr
    said = said.replace(f" in {path}:", " in :").replace(str(folder), "@")
    found = re.search(r"\[emerg\] (?:\d+#\d+: )?((?:.|\n)*?)\n(?=nginx:|\d{4}/)", said)
    if found is None:
        return "ok"
    if re.match(r"bind\(\)|socket\(\)|mkdir\(\)", found[1]):
        return "ok"
    return found[1]
