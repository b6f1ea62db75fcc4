"""Train a network of ours: `python -m ocr.training.train cells --seed 1` makes samples, trains, exports.

`cells` is the network for kana, digits and Latin letters in cells, `glyphs` the one for kanji. Everything follows from
the seed. Training goes in rounds of new samples; samples and the weights after every round are kept in the cache
folder, so that a training that was stopped goes on with the round it was in.
"""

import argparse
import json
import logging
import math
import multiprocessing
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ocr.recognisers.cell_alphabets import EMPTY, OTHER, STRUCK
from ocr.recognisers.cell_crop import CHANNELS
from ocr.training import cells_sources
from ocr.training.cells_data import Synthesiser
from ocr.training.cells_net import new_net, save_onnx
from ocr.training.courses import COURSES, Course

log = logging.getLogger(__name__)

SHARD = 4000
"""Samples per shard."""

EPOCHS = 3
"""Passes over the samples of a round."""

BATCH = 128
"""Samples per step."""

TOP_RATE = 3e-3
"""Highest learning rate, reached after the first 3 % of all steps; from there it falls as a cosine to nearly 0."""


@dataclass(frozen=True)
class Order:
    """One shard to be made: what, from which material, where it is kept."""

    course: str
    data: Path
    fonts: Path
    cache: Path
    seed: int
    number: int


@cache
def _sources(course: str, data: Path, fonts: Path) -> cells_sources.Sources:
    """Load the raw material once per process."""
    cv2.setNumThreads(1)
    return cells_sources.load_training(data, fonts, COURSES[course].characters)


def _make_shard(order: Order) -> Path:
    """Make and keep one shard unless it is there."""
    path = order.cache / f"{order.course}_seed{order.seed}_{order.number:04d}.npz"
    if path.exists():
        return path
    course = COURSES[order.course]
    rng = np.random.default_rng([order.seed, order.number])
    maker = Synthesiser(_sources(order.course, order.data, order.fonts), rng, course.characters, course.side)
    weights = np.array([course.weight(name) for name in course.classes])
    numbers = rng.choice(len(course.classes), SHARD, p=weights / weights.sum())
    pictures = np.empty((SHARD, CHANNELS, course.side, course.side), np.uint8)
    for index, number in enumerate(numbers):
        pictures[index] = maker.pictures(course.classes[int(number)])
    part = path.with_suffix(".part.npz")
    np.savez(part, pictures=pictures, names=numbers.astype(np.int64))
    part.replace(path)
    return path


def make_samples(order: Order, workers: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Make the samples of one round, from shard `order.number` on, several at a time.

    Returns:
        Pictures, shape (n, 2, side, side), dtype uint8, and class numbers, shape (n,), dtype int64.
    """
    course = COURSES[order.course]
    order.cache.mkdir(parents=True, exist_ok=True)
    orders = [
        Order(order.course, order.data, order.fonts, order.cache, order.seed, number)
        for number in range(order.number, order.number + course.shards)
    ]
    pictures = np.empty((course.shards * SHARD, CHANNELS, course.side, course.side), np.uint8)
    names = np.empty(course.shards * SHARD, np.int64)
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for at, path in enumerate(pool.imap(_make_shard, orders)):
            with np.load(path) as kept:
                pictures[at * SHARD : (at + 1) * SHARD] = kept["pictures"]
                names[at * SHARD : (at + 1) * SHARD] = kept["names"]
            log.info("%s shard %d", course.name, order.number + at)
    return pictures, names


def script_masks(course: Course) -> torch.Tensor:
    """Return which classes compete under each script, shape (scripts, classes), 0 or -1e4 to be added to scores."""
    extra = (EMPTY, STRUCK, OTHER)
    rows = [
        [0.0 if name in extra or name in script else -1e4 for name in course.classes]
        for script in course.scripts
    ]
    return torch.tensor(rows)


def _script_of(course: Course, names: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose, for each sample, a script that holds its character; -1 for none (small letters)."""
    extra = (EMPTY, STRUCK, OTHER)
    allowed = np.array(
        [[name in extra or name in script for name in course.classes] for script in course.scripts]
    ).T
    chance = rng.random((len(names), len(course.scripts))) * allowed[names]
    return np.where(allowed[names].any(axis=1), chance.argmax(axis=1), -1)


def _batches(
    course: Course, pictures: NDArray[np.uint8], names: NDArray[np.int64], rng: np.random.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Yield shuffled batches, each shifted by a pixel or two and now and then with a hole."""
    order, scripts = rng.permutation(len(names)), _script_of(course, names, rng)
    for start in range(0, len(order) - BATCH + 1, BATCH):
        chosen = np.sort(order[start : start + BATCH])
        batch = torch.from_numpy(pictures[chosen]).float().div_(255)
        batch = torch.roll(batch, tuple(rng.integers(-2, 3, 2).tolist()), (2, 3))
        for row in np.flatnonzero(rng.random(BATCH) < 0.12):
            y, x = rng.integers(0, course.side - 6, 2)
            batch[row, :, y : y + int(rng.integers(2, 7)), x : x + int(rng.integers(2, 7))] = 0
        batch = batch.to(memory_format=torch.channels_last)
        yield batch, torch.from_numpy(names[chosen]), torch.from_numpy(scripts[chosen])


@dataclass(frozen=True)
class Round:
    """Which round of how many, under which seed."""

    seed: int
    number: int
    rounds: int

    def rate(self, step: int, steps: int) -> float:
        """Return the learning rate of a step of this round, of `steps` in each."""
        done = (self.number * steps + step) / (self.rounds * steps)
        if done < 0.03:
            return TOP_RATE * (done + 1e-3) / 0.03
        return TOP_RATE * (0.002 + 0.5 * (1 + math.cos(math.pi * (done - 0.03) / 0.97)))


def train(
    net: nn.Sequential, course: Course, pictures: NDArray[np.uint8], names: NDArray[np.int64], part: Round
) -> nn.Sequential:
    """Train a network for one round; return the running average of its weights.

    Half of the loss is over all classes, half over the classes of the character's own script.
    """
    torch.manual_seed(1000 * part.seed + part.number)
    rng = np.random.default_rng([part.seed, 999, part.number])
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.996), use_buffers=True
    )
    steps = EPOCHS * (len(names) // BATCH)
    optimiser = torch.optim.AdamW(net.parameters(), lr=TOP_RATE, weight_decay=0.02)
    masks, step, began = script_masks(course), 0, time.monotonic()
    net.train()
    for _ in range(EPOCHS):
        for batch, labels, scripts in _batches(course, pictures, names, rng):
            for group in optimiser.param_groups:
                group["lr"] = part.rate(step, steps)
            loss, right = _loss(net, batch, labels, scripts, masks)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            average.update_parameters(net)
            step += 1
            if step % 50 == 0:
                seconds = time.monotonic() - began
                shown = (part.number, step, steps, loss.item(), right, seconds)
                log.info("round %d step %d of %d loss %.4f right %.4f %.0f s", *shown)
    best = average.module
    assert isinstance(best, nn.Sequential)
    best.eval()
    return best


def _loss(
    net: nn.Sequential, batch: torch.Tensor, labels: torch.Tensor, scripts: torch.Tensor, masks: torch.Tensor
) -> tuple[torch.Tensor, float]:
    """Return the loss of a batch and the share read right under its script."""
    scores = net(batch)
    penalty = torch.where(scripts[:, None] >= 0, masks[scripts.clamp(min=0)], torch.zeros(()))
    under = scores + penalty
    every = nn.functional.cross_entropy(scores, labels)
    own = nn.functional.cross_entropy(under, labels)
    right: float = (under.argmax(dim=1) == labels).float().mean().item()
    return 0.5 * every + 0.5 * own, right


def main() -> None:
    """Run a whole training from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", choices=sorted(COURSES))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the shared data folder")
    parser.add_argument(
        "--fonts", type=Path, default=Path("var/training/fonts"), help="where the npm fonts are"
    )
    parser.add_argument("--cache", type=Path, default=Path("var/training"), help="where samples are kept")
    parser.add_argument("--out", type=Path, default=Path("ocr/models"), help="folder for the weights")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    course = COURSES[given.network]
    net = new_net(course).to(memory_format=torch.channels_last)
    given.out.mkdir(parents=True, exist_ok=True)
    for number in range(given.rounds):
        kept = given.cache / f"{course.name}_seed{given.seed}_round{number}.pt"
        if kept.exists():
            net.load_state_dict(torch.load(kept))
            continue
        first = Order(
            course.name, given.data.resolve(), given.fonts, given.cache, given.seed, number * course.shards
        )
        samples = make_samples(first, given.workers)
        net = train(net, course, *samples, Round(given.seed, number, given.rounds))
        torch.save(net.state_dict(), kept)
        save_onnx(net, given.out / f"{course.name}.onnx", course)
        _describe(given.out / f"{course.name}.json", course)
        log.info("%s round %d written", course.name, number)


def _describe(path: Path, course: Course) -> None:
    """Write the description beside the weights: classes, temperatures 1 until they are fitted."""
    content = {"classes": list(course.classes), "temperatures": {}}
    path.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
