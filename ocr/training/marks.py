"""Train the network that names hand-drawn marks: python -m ocr.training.marks --data ../shared/data.

It learns from drawn shapes (`marks_shapes.py`) and from the real marks, bent. How well it reads hands it never saw is
told first: a network that saw drawn shapes alone is tried on all real marks, and what it said of each is kept for
`calibrate.py` in `ocr/training/marks_judged.json`. The same network then learns from the real marks too. Everything
follows from the seed; about six minutes on one core.
"""

import argparse
import csv
import json
import logging
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ocr.recognisers.shapes import BLANK, CLASSES, FILE, OTHER, SIDE, STROKE, mark_ink, mark_pictures, raw_ink
from ocr.training.cells_fonts import gray_file
from ocr.training.cells_net import new_net, save_onnx
from ocr.training.cells_pen import Picture
from ocr.training.courses import Course
from ocr.training.marks_crops import JUDGED, SHARES, MarkMaker, samples

log = logging.getLogger(__name__)

DRAWN, BENT, HELD = 24_000, 6_000, 4_000
"""Samples of drawn shapes, of real marks that were bent, and of drawn shapes that only measure."""

EPOCHS, BATCH = 3, 128

NAMED = tuple(name for name in CLASSES if name not in (BLANK, OTHER))
COURSE = Course("marks", CLASSES, NAMED, (), SIDE, (16, 24, 48, 64, 96), SHARES.__getitem__, 1)
"""The network: the same layers as the cell reader's, narrower."""


class Samples(NamedTuple):
    """Pictures, shape (n, 2, 40, 40), uint8, and class numbers, shape (n,)."""

    pictures: Picture
    names: NDArray[np.int64]


class RealMark(NamedTuple):
    """One real crop with its name."""

    file: str
    gray: Picture
    name: str


def train(net: nn.Sequential, parts: list[Samples], seed: int, epochs: int, top: float) -> nn.Sequential:
    """Train a network further on all samples of the parts; return the running average of its weights.

    Args:
        net: The network; it is changed.
        parts: What it learns from.
        seed: Decides the order and the small shifts.
        epochs: How often every sample is shown.
        top: Highest learning rate; it rises and falls once.
    """
    torch.manual_seed(seed)
    rng = np.random.default_rng([seed, 999])
    pictures = np.concatenate([part.pictures for part in parts])
    names = np.concatenate([part.names for part in parts])
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.99), use_buffers=True
    )
    steps = epochs * (len(names) // BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), lr=top, weight_decay=0.02)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=top, total_steps=steps, pct_start=0.15)
    net.train()
    for epoch in range(epochs):
        order, total = rng.permutation(len(names)), 0.0
        for start in range(0, len(order) - BATCH + 1, BATCH):
            chosen = order[start : start + BATCH]
            batch = torch.from_numpy(pictures[chosen]).float().div_(255)
            batch = torch.roll(batch, tuple(rng.integers(-2, 3, 2).tolist()), (2, 3))
            loss = nn.functional.cross_entropy(net(batch), torch.from_numpy(names[chosen]))
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            optimiser.step()
            rate.step()
            average.update_parameters(net)
            total += loss.item() * BATCH / len(order)
        log.info("epoch %d loss %.4f", epoch, total)
    best = average.module
    assert isinstance(best, nn.Sequential)
    best.eval()
    return best


def scores_of(net: nn.Sequential, pictures: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the raw scores, shape (n, classes)."""
    with torch.no_grad():
        return np.asarray(net(torch.from_numpy(pictures)).numpy(), np.float64)


def temperature_of(scores: NDArray[np.float64], names: NDArray[np.int64]) -> float:
    """Return the temperature that makes the truth likeliest (Guo et al. 2017)."""
    grid = np.exp(np.linspace(np.log(0.5), np.log(4), 60))
    losses = []
    for scaled in (scores / t for t in grid):
        norm = np.logaddexp.reduce(scaled, axis=1)
        losses.append(float((norm - scaled[np.arange(len(names)), names]).mean()))
    return round(float(grid[int(np.argmin(losses))]), 3)


def load_real(folder: Path) -> list[RealMark]:
    """Return the real marks in the order of their numbers."""
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["file"])
    return [RealMark(row["file"], gray_file(folder / row["file"]), row["text"]) for row in rows]


def inks_of(marks: list[RealMark]) -> dict[str, list[Picture]]:
    """Return the ink of real marks by class, without frames, for bending."""
    found: dict[str, list[Picture]] = defaultdict(list)
    for mark in marks:
        ink = mark_ink(raw_ink(mark.gray))
        if mark.name != BLANK and ink is not None and (ink > STROKE).sum() > 20:
            found[mark.name].append(np.round(ink * 255).astype(np.uint8))
    return found


def main() -> None:
    """Measure, train on everything, write the weights and what the rounds said."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--cache", type=Path, default=Path("var/training/marks"), help="where samples are kept"
    )
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    marks = load_real(given.data / "marks")
    drawn = _kept(given.cache, "drawn", {}, DRAWN, given.seed)
    held = _kept(given.cache, "held", {}, HELD, given.seed + 1000)
    torch.manual_seed(given.seed)
    net = train(new_net(COURSE), [drawn], given.seed, EPOCHS, 3e-3)
    judged = _tell("drawn shapes alone", net, marks, held)
    JUDGED.write_text(json.dumps(judged, indent=0) + "\n", encoding="utf-8", newline="\n")
    bent = _kept(given.cache, "bent", inks_of(marks), BENT, given.seed + 2000)
    net = train(net, [drawn, bent], given.seed + 1, 1, 1e-3)
    temperature = temperature_of(
        scores_of(net, held.pictures.astype(np.float32) / np.float32(255)), held.names
    )
    _tell("all marks (seen in training)", net, marks, held)
    save_onnx(net, FILE, COURSE)
    content = {"classes": CLASSES, "temperature": temperature}
    FILE.with_suffix(".json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8", newline="\n")


def _kept(cache: Path, name: str, real: dict[str, list[Picture]], count: int, seed: int) -> Samples:
    """Return samples from the cache, or make and keep them; with real marks, half of the samples are these."""
    path = cache / f"{name}_seed{seed}_{count}.npz"
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        rng = np.random.default_rng(seed)
        pictures, names = samples(MarkMaker(real, rng, 0.8), count, rng)
        np.savez(path, pictures=pictures, names=names)
        log.info("%s made", path.name)
    with np.load(path) as kept:
        return Samples(kept["pictures"], kept["names"])


def _tell(
    title: str, net: nn.Sequential, marks: list[RealMark], held: Samples
) -> list[tuple[str, float, bool]]:
    """Print how well a network reads; return (true name, score, right) of each real mark."""
    drawn = scores_of(net, held.pictures.astype(np.float32) / np.float32(255))
    temperature = temperature_of(drawn, held.names)
    pictures = np.stack([mark_pictures(mark.gray) for mark in marks])
    scaled = scores_of(net, pictures) / temperature
    beliefs = np.exp(scaled - np.logaddexp.reduce(scaled, axis=1)[:, None])
    read = beliefs.argmax(axis=1)
    right = [CLASSES[best] == mark.name for best, mark in zip(read, marks, strict=True)]
    own = float((drawn.argmax(axis=1) == held.names).mean())
    print(f"{title}: real {sum(right)} of {len(marks)} right, drawn {own:.4f}, temperature {temperature}")
    for best, mark, good in zip(read, marks, right, strict=True):
        if not good:
            print(f"  {mark.file} {mark.name} read as {CLASSES[best]}")
    return [(m.name, float(row.max()), good) for m, row, good in zip(marks, beliefs, right, strict=True)]


if __name__ == "__main__":
    main()
