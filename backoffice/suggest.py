"""Answer an unknown name with the nearest known ones."""

from collections.abc import Iterable
from difflib import get_close_matches
from unicodedata import normalize

from backoffice.messages import text


def nearest(word: str, known: Iterable[str], *, limit: int = 3) -> list[str]:
    """Return up to `limit` known names that look like `word`, best first.

    The measure is difflib's ratio (Ratcliff and Obershelp 1988) with 0.55 as the least likeness, which keeps
    one slip in a four-letter word and drops unrelated words. Full and half width count as the same here.
    """
    names = sorted(set(known))
    folded = {_folded(name): name for name in names}
    close = get_close_matches(_folded(word), folded, n=limit, cutoff=0.55)
    return [folded[name] for name in close]


def _folded(name: str) -> str:
    return normalize("NFKC", name).casefold()


def did_you_mean(word: str, known: Iterable[str], *, language: str | None = None) -> str:
    """Return "did you mean …" for a person, or the list of all known names when none is near."""
    names = sorted(set(known))
    close = nearest(word, names)
    if close:
        return text("backoffice.did_you_mean", language=language, names=", ".join(close))
    return text("backoffice.known_names", language=language, names=", ".join(names) or "-")
