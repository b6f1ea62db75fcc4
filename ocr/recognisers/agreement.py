"""Several networks look at one character: put their opinions together.

Each network gives a probability to every character of the field's alphabet. They are multiplied, each raised to a power
that says how much it is worth for that script (logarithmic opinion pool, Genest and Zidek 1986), and shared out anew.
Networks that disagree leave a low score, and a person looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
        unknown: Characters of the alphabet that it does not know.
    """

    opinion: Opinion
    power: float
    unknown: frozenset[str] = frozenset()


def pool(first: Weights, power: float, alphabet: str, voices: Sequence[Voice]) -> Weights:
    """Return the joint probability of each character of the alphabet.

    Args:
        first: The text reader's probabilities, shape (n,), their sum at most 1.
        power: What the text reader's word is worth.
        alphabet: The n characters.
        voices: What the other networks say.

    Returns:
        Shape (n,). The sum is below 1 by the largest doubt of any network that this is a character at all.
    """
    own = (first + LEAST**2) / (first.sum() + LEAST**2 * len(alphabet))
    logs = power * np.log(np.maximum(own, LEAST))
    sure = 1.0
    for voice in voices:
        said = dict(voice.opinion.candidates)
        for at, character in enumerate(alphabet):
            least = UNHEARD if character in voice.unknown else LEAST
            logs[at] += voice.power * np.log(max(said.get(character, 0.0), least))
        sure = min(sure, 1.0 - max(voice.opinion.other, voice.opinion.empty))
    joint = np.exp(logs - logs.max())
    return np.asarray(joint / joint.sum() * max(sure, LEAST))
