"""Configurations that people have, beside the real nginx: `nginx -t`, then the same requests.

    python -m tests.conformance.pasted FOLDER
    python -m tests.conformance.pasted FOLDER --only 'mastodon*' --show 20
    python -m tests.conformance.pasted FOLDER --verdicts

Each file of the folder is a configuration: whole, or what stands in an `http` or a `server` block.
What it names is made for it, in a root and a network of its own (place.py), so nothing of it need
be changed and both listen where it says. nginx is asked everything twice: what differs between
these two is left out. Needs root, and the real nginx: --nginx names a newer one.
"""

import argparse
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.conformance.pasted import place
from tests.conformance.pasted.asking import LOG, OURS, serve, verdict
from tests.conformance.pasted.differences import differences
from tests.conformance.pasted.questions import questions
from tests.support.proxy import ROOT, Nginx

LONGEST = 900  # seconds for one configuration


def one(file, arguments):
    """Look at one configuration, from within its place; return what JSON can hold."""
    text = file.read_text(errors="surrogateescape")
    place.settle(arguments.place)
    place.put(text)
    if arguments.beside:
        shutil.copytree(arguments.beside, "/", dirs_exist_ok=True)
    found = place.furnish()
    told = {"theirs": verdict(arguments.nginx), "ours": verdict(OURS)}
    asked = list(questions(found))
    if arguments.verdicts or told["theirs"] or told["ours"] or not asked:
        return told
    place.connect(found, LOG)
    answers = []
    for name, binary in (("theirs", arguments.nginx), ("theirs", arguments.nginx), ("ours", OURS)):
        try:
            answers.append(serve(binary, asked))
        except OSError as error:
            told[name] = [str(error)]
            return told
    told["asked"] = len(asked)
    told["differ"] = [
        {"question": question.label, "part": part, "theirs": theirs, "ours": ours}
        for question, *each in zip(asked, *answers, strict=True)
        for part, theirs, ours in differences(*each)
    ]
    return told


def alone(file, arguments):
    """Look at one configuration from a process that is alone in its namespaces."""
    with tempfile.TemporaryDirectory(prefix="pasted-") as folder:
        options = [f"--place={folder}", f"--nginx={arguments.nginx}"]
        options += ["--verdicts"] if arguments.verdicts else []
        options += [f"--beside={arguments.beside.resolve()}"] if arguments.beside else []
        here = ["unshare", "-m", "-n", "-p", "--fork", "--kill-child", sys.executable, "-m"]
        done = subprocess.run(
            [*here, "tests.conformance.pasted", str(file.resolve()), *options],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
    try:
        return json.loads(done.stdout)
    except ValueError:
        return {"failed": done.stderr[-1500:]}


def outcome(told):
    """Return in words what came of a configuration."""
    if "failed" in told:
        return "not looked at"
    if told["theirs"] or told["ours"]:
        if not told["ours"]:
            return "only nginx refuses"
        return "both refuse" if told["theirs"] else "only forkproxy refuses"
    if "asked" not in told:
        return "both take it"
    return "answers differ" if told["differ"] else "same answers"


def lines(name, told, most):
    """Yield what is said of a configuration, with so many of its differences."""
    count = f", {len(told['differ'])} differences in {told['asked']}" if "asked" in told else ""
    yield f"{outcome(told)}: {name}{count}"
    if not most:
        return
    for which in ("theirs", "ours"):
        yield from (f"    {which}: {line}" for line in told.get(which, ())[:2])
    for each in told.get("differ", ())[:most]:
        yield f"    {each['question']}: {each['part']}"
        yield from (f"        {which}: {each[which]}" for which in ("theirs", "ours"))
    if "failed" in told:
        yield told["failed"]


def main(arguments):
    """Look at a folder; return 0 where nothing is there that only forkproxy does."""
    if arguments.place:
        sys.stdout.write(json.dumps(one(arguments.folder, arguments)))
        return 0
    files = sorted(arguments.folder.iterdir())
    files = [file for file in files if fnmatch.fnmatch(file.name, arguments.only)]
    counted = Counter()
    with ThreadPoolExecutor(arguments.jobs) as pool:
        for file, told in zip(files, pool.map(lambda f: alone(f, arguments), files), strict=True):
            counted[outcome(told)] += 1
            sys.stdout.write("\n".join(lines(file.name, told, arguments.show)) + "\n")
            sys.stdout.flush()
            if arguments.json:
                with arguments.json.open("a") as all_told:
                    all_told.write(json.dumps({"name": file.name, **told}) + "\n")
    sys.stdout.writelines(f"{number:5} {text}\n" for text, number in counted.most_common())
    return int(any(counted[text] for text in ("answers differ", "only forkproxy refuses")))


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nginx", default=Nginx.binary(), help="the real one")
    parser.add_argument("--only", default="*", help="files whose names match")
    parser.add_argument("--beside", type=Path, help="files that are there too, laid out as below /")
    parser.add_argument("--verdicts", action="store_true", help="-t only, no requests")
    parser.add_argument("--show", type=int, default=0, help="differences to print of each")
    parser.add_argument("--jobs", type=int, default=1, help="configurations at the same time")
    parser.add_argument("--json", type=Path, help="a file to add what was found to, line by line")
    parser.add_argument("--place", help=argparse.SUPPRESS)  # of one(), where the folder is a file
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main(options()))
