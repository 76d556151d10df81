"""What the pages say can be pasted, looked up and run.

A block of a page, indented or fenced, is a configuration where one of its lines ends as nginx's do,
and none is an order to a shell. Such a block is checked as it stands, as a reader would paste it: a
fragment gets the blocks around it that are missing. It may lean on one before it on its page.
"""

import re
import shlex
import textwrap
from pathlib import Path
from typing import NamedTuple

import pytest

from forkproxy.cli.commands import COMMANDS
from forkproxy.cli.main import parser
from forkproxy.config.directives import TABLE
from forkproxy.config.load import load_text
from forkproxy.config.problems import ConfigErrors, Severity
from forkproxy.config.row import Tier

ROOT = Path(__file__).parents[2]
FOLDERS = ("forkproxy", "tests", "loadtest", "conf")
PAGES = [
    *(page for page in sorted((ROOT / "docs").glob("*.md")) if page.name != "directives.md"),
    *(ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")),
]
NGINX_LINE = re.compile(r"[;{}]\s*(?:#.*)?$", re.M)
ORDER = re.compile(r"^(?:\$ )?(?:sudo )?((?:\S*/)?forkproxy (?!:).*)$", re.M)
COMMAND = re.compile(r"`forkproxy ([a-z]+)( [^`]*)?`")
PROMPT = re.compile(r"^\$ ", re.M)
IN_QUOTES = re.compile(r"(?<!`)`([^`]+)`(?!`)")
NAME = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
# "`a`, `b` and `c` are refused"
REFUSED = re.compile(r"((?:`[a-z_0-9]+`[,;]?\s(?:and\s)?)+)(?:is|are)\srefused")
ACCEPTED = re.compile(r"((?:`[a-z_0-9]+`[,;]?\s(?:and\s)?)+)(?:is|are)\saccepted")
NO_EVENTS = 'no "events" section in configuration'
# Names with an underscore that others gave.
OTHERS = {"unrecognized_name", "shmem_enabled"}


class Block(NamedTuple):
    """A block of a page, and where it begins."""

    place: str
    text: str

    @property
    def page(self):
        return self.place.partition(":")[0]

    @property
    def configuration(self):
        return bool(NGINX_LINE.search(self.text)) and not (
            PROMPT.search(self.text) or ORDER.search(self.text) or self.text[0] in "{["
        )


def parted(page):
    """Return the blocks of a page, and the text around them."""
    found, text, block, fenced = [], [], [], False
    lines = page.read_text().split("\n")
    for number, line in enumerate([*lines, ""], 1):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced or (line.startswith("    ") and (block or not lines[number - 2])):
            block.append(line)
            continue
        elif block and not line and number < len(lines):
            block.append(line)  # an empty line in a block, or behind it
            continue
        if block:
            place = f"{page.name}:{number - len(block)}"
            found.append(Block(place, textwrap.dedent("\n".join(block)).strip("\n")))
            block = []
        text.append(line)
    return found, "\n".join(text)


BLOCKS = [block for page in PAGES for block in parted(page)[0]]


def mistakes(text):
    """Return what the checker has against a configuration.

    Lines of the main context alone are not taken for a fragment: whoever pastes them has `events`.
    """
    try:
        load_text(text, prefix=str(ROOT / "conf"))
    except ConfigErrors as errors:
        said = [one.message for one in errors.problems if one.severity is Severity.EMERG]
        return [message for message in said if "{" in text or message != NO_EVENTS]
    return []


def each(found):
    return pytest.mark.parametrize("block", found, ids=lambda block: block.place)


def test_the_blocks_are_found():
    places = {block.page for block in BLOCKS if block.configuration}
    assert {"README.md", "cache.md", "compression.md", "upstreams.md"} <= places


@each([block for block in BLOCKS if block.configuration])
def test_a_configuration_can_be_pasted(block):
    said = mistakes(block.text)
    before = [one for one in BLOCKS[: BLOCKS.index(block)] if one.page == block.page]
    leaning = (one.text for one in before if said and one.configuration)
    assert not said or any(not mistakes(f"{text}\n{block.text}") for text in leaning), said


def orders():
    for block in BLOCKS:
        for line in ORDER.findall(block.text):
            yield Block(block.place, line)


@each(list(orders()))
def test_a_command_is_one_that_there_is(block):
    words = shlex.split(block.text, comments=True)[1:]
    until = next((at for at, word in enumerate(words) if word in ("|", ">", "&&")), len(words))
    parser().parse_args(words[:until])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_command_in_the_text_is_one_that_there_is(page):
    said = {found[0] for found in COMMAND.findall(" ".join(f"`{one}`" for one in quoted(page)))}
    known = {command.name for command in COMMANDS}
    assert said <= known


def quoted(page):
    """Return what stands in back-quotes, outside of blocks."""
    return IN_QUOTES.findall(parted(page)[1])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_line_in_the_text_can_be_pasted(page):
    lines = [text for text in quoted(page) if text.endswith((";", "}")) and "…" not in text]
    wrong = {text: mistakes(text) for text in lines if NAME.match(text)}
    assert not {text: said for text, said in wrong.items() if said}


LINK = re.compile(r"\[[^\]]+\]\(([^)#:\s]*)(?:#([^)]+))?\)")


def anchors(page):
    """Return what headings can be linked to by, as GitHub makes it."""
    titles = re.findall(r"^#+ (.*)$", parted(page)[1], re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_link_leads_somewhere(page):
    for name, anchor in LINK.findall(parted(page)[1]):
        target = (page.parent / name) if name else page
        assert target.exists(), name
        assert not anchor or anchor in anchors(target), f"{name}#{anchor}"


@pytest.fixture(scope="module")
def words():
    """All names with an underscore that the sources have, and those of files."""
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    sources = [path for path in files if path.suffix in (".py", ".pyx", ".pxd")]
    named = {name for path in sources for name in NAME.findall(path.read_text())}
    return named | {path.stem for path in files} | OTHERS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_name_is_a_directive_or_another_word_that_there_is(page, words):
    names = {found[0] for text in quoted(page) if (found := NAME.match(text))}
    # Of metrics a page has the ends, in a table; that of a counter is given to it later.
    ends = "".join(f"_{word}\n" for word in words)
    unknown = [name for name in names if name not in TABLE and not name.endswith("_total")]
    assert not [name for name in unknown if f"_{name}\n" not in ends]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize(("sentence", "tier"), [(REFUSED, Tier.REFUSED), (ACCEPTED, Tier.ACCEPTED)])
def test_what_is_said_to_be_refused_or_accepted_is(page, sentence, tier):
    names = [
        name for found in sentence.findall(parted(page)[1]) for name in IN_QUOTES.findall(found)
    ]
    rows = {name: TABLE[name] for name in names if name in TABLE}
    assert not [name for name, found in rows.items() if found[0].tier is not tier]
