"""Several networks look at one character: put their opinions together.

Each network gives a probability to every character of the field's alphabet. They are multiplied, each raised to a power
that says how much it is worth for that script (logarithmic opinion pool, Genest and Zidek 1986), and shared out anew.
Networks that disagree leave a low score, and a person looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocr.recognisers.decode import Weights
from ocr.recognisers.network import CellReading as Opinion

LEAST = 1e-6
"""No network rules a character out for good: probabilities below this count as this."""

UNHEARD = 3e-4
"""Probability that a network is taken to give to a character that it does not know."""


@dataclass(frozen=True)
class Voice:
    """What one network says of a cell.

    Attributes:
        opinion: Its reading under the alphabet.
        power: What its word is worth.
        unknown: Where in the alphabet the characters stand that it does not know, shape (m,), dtype int64.
        doubts: Whether its doubt that this is a character at all counts.
    """

    opinion: Opinion
    power: float
    unknown: NDArray[np.int64]
    doubts: bool = True


def pool(first: Weights, power: float, alphabet: str, voices: Sequence[Voice]) -> Weights:
    """Return the joint probability of each character of the alphabet.

    Args:
        first: The text reader's probabilities, shape (m,), their sum at most 1: of the first m characters of the
            alphabet; the others it does not know.
        power: What the text reader's word is worth.
        alphabet: The n characters.
        voices: What the other networks say.

    Returns:
        Shape (n,). The sum is below 1 by the largest doubt that counts that this is a character at all.
    """
    own = np.full(len(alphabet), UNHEARD)
    own[: len(first)] = (first + LEAST**2) / (first.sum() + LEAST**2 * max(1, len(first)))
    logs = power * np.log(np.maximum(own, LEAST))
    places, sure = _places(alphabet), 1.0
    for voice in voices:
        said = np.full(len(alphabet), LEAST)
        said[voice.unknown] = UNHEARD
        for character, probability in voice.opinion.candidates:
            said[places[character]] = max(probability, LEAST)
        logs += voice.power * np.log(said)
        if voice.doubts:
            sure = min(sure, 1.0 - max(voice.opinion.other, voice.opinion.empty))
    joint = np.exp(logs - logs.max())
    return np.asarray(joint / joint.sum() * max(sure, LEAST))


def unknown_places(alphabet: str, unknown: Sequence[str]) -> NDArray[np.int64]:
    """Return where in an alphabet some characters stand."""
    places = _places(alphabet)
    return np.array([places[character] for character in unknown if character in places], np.int64)


@cache
def _places(alphabet: str) -> dict[str, int]:
    """Return where each character stands in an alphabet."""
    return {character: place for place, character in enumerate(alphabet)}
