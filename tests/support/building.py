"""Configurations that are built and serve nobody, one after another, as reloads do."""

from forkproxy.build import build
from forkproxy.config.load import load_text


class Building:
    """Builds below a folder; what was opened is closed when the `with` ends."""

    def __init__(self, folder):
        self.folder = folder
        self.made = []

    def __enter__(self):
        (self.folder / "logs").mkdir()
        return self

    def __exit__(self, *_):
        for generation in self.made:
            generation.close()

    def load(self, http="", main=""):
        """Return the next generation."""
        text = f"{main} events {{}} http {{ access_log off; {http} }}"
        loaded = load_text(text, prefix=str(self.folder))
        self.made.append(build(loaded, number=len(self.made) + 1))
        return self.made[-1]


def server(text, listen="127.0.0.1:1"):
    return f"server {{ listen {listen}; {text} }}"
