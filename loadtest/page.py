"""A page of HTML to compress: words as often as words are, in tags as pages have them.

Text of one word over and over would flatter whoever looks back the shortest way. This one comes
out about four times smaller, as pages of the web do, and is the same in every run.
"""

from random import Random

_WORDS = 1000
_LETTERS = "eeeeeeaaaaoooiiiuunnnssstttrrrlllddchmmpgfwybvk"
_CARD = """\
<div class="card" id="item-{number}">
  <h3 class="card-title"><a href="/articles/{slug}">{title}</a></h3>
  <p class="card-text">{short}</p>
</div>
"""
_LAYOUTS = (
    _CARD,
    '<li class="nav-item"><a class="nav-link" href="/articles/{slug}">{title}</a></li>\n',
    '<tr><td class="number">{number}</td><td class="name">{title}</td></tr>\n',
    "<p>{text} <em>{short}</em></p>\n",
)


def page(size: int) -> bytes:
    """Return a page of `size` octets."""
    chance = Random(20000)
    words = ["".join(chance.choices(_LETTERS, k=chance.randint(2, 10))) for _ in range(_WORDS)]
    # Zipf's law: the word of rank n is used a n-th as often as the first.
    weights = [1 / rank for rank in range(1, _WORDS + 1)]

    def some(least: int, most: int) -> str:
        return " ".join(chance.choices(words, weights, k=chance.randint(least, most)))

    parts = ['<!DOCTYPE html>\n<html lang="en"><head><title>Articles</title></head>\n<body>\n']
    length = len(parts[0])
    while length < size:
        title = some(2, 5)
        parts.append(
            chance.choice(_LAYOUTS).format(
                number=chance.randint(1, 9999),
                slug=title.replace(" ", "-"),
                title=title.capitalize(),
                text=some(12, 40),
                short=some(3, 8),
            )
        )
        length += len(parts[-1])
    return "".join(parts).encode()[:size]
