"""Train the cell reader: `python -m ocr.training.cells_train --seed 1` makes samples, trains, calibrates and exports.

Everything follows from the seed. Training goes in rounds of new samples; samples and the weights after every round are
kept in the cache folder, so that a training that was stopped goes on with the round it was in.
"""

import argparse
import logging
import multiprocessing
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ocr.recognisers.cell_alphabets import CAPITALS, CLASSES, DIGITS, EMPTY, HIRAGANA, KATAKANA, OTHER, STRUCK
from ocr.recognisers.cell_crop import CHANNELS, SIDE
from ocr.training import cells_data, cells_sources
from ocr.training.cells_net import new_net, save_onnx
from ocr.training.cells_temperature import describe

log = logging.getLogger(__name__)

SHARD = 4000
"""Samples per shard."""

ROUND = 12
"""Shards per round; every round sees new samples."""

EPOCHS = 3
"""Passes over the samples of a round."""

BATCH = 128
"""Samples per step."""

_SCRIPTS = (DIGITS, KATAKANA, HIRAGANA, DIGITS + CAPITALS)


@cache
def _sources(data: Path) -> cells_sources.Sources:
    """Load the raw material once per process."""
    cv2.setNumThreads(1)
    return cells_sources.load_training(data)


def _make_shard(order: tuple[Path, Path, int, int]) -> Path:
    """Make and keep one shard unless it is there."""
    data, cache_folder, seed, number = order
    path = cache_folder / f"seed{seed}_{number:04d}.npz"
    if not path.exists():
        pictures, names = cells_data.shard(_sources(data), seed, number, SHARD)
        part = path.with_suffix(".part.npz")
        np.savez(part, pictures=pictures, names=names)
        part.replace(path)
    return path


def make_samples(
    data: Path, cache_folder: Path, seed: int, first: int, workers: int
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Make the samples of one round, `ROUND` shards from number `first` on, several at a time.

    Returns:
        Pictures, shape (n, 2, 40, 40), dtype uint8, and class numbers, shape (n,), dtype int64.
    """
    cache_folder.mkdir(parents=True, exist_ok=True)
    orders = [(data, cache_folder, seed, number) for number in range(first, first + ROUND)]
    pictures = np.empty((ROUND * SHARD, CHANNELS, SIDE, SIDE), np.uint8)
    names = np.empty(ROUND * SHARD, np.int64)
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for number, path in enumerate(pool.imap(_make_shard, orders)):
            with np.load(path) as kept:
                pictures[number * SHARD : (number + 1) * SHARD] = kept["pictures"]
                names[number * SHARD : (number + 1) * SHARD] = kept["names"]
            log.info("shard %d", first + number)
    return pictures, names


def script_masks() -> torch.Tensor:
    """Return which classes compete under each script, shape (scripts, classes), 0 or -1e4 to be added to scores."""
    extra = (EMPTY, STRUCK, OTHER)
    rows = [[0.0 if name in extra or name in script else -1e4 for name in CLASSES] for script in _SCRIPTS]
    return torch.tensor(rows)


def _script_of(names: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Choose, for each sample, a script that holds its character; -1 for none (small letters)."""
    allowed = np.array([[name in script for name in CLASSES] for script in _SCRIPTS]).T
    allowed[-3:] = True
    chance = rng.random((len(names), len(_SCRIPTS))) * allowed[names]
    return np.where(allowed[names].any(axis=1), chance.argmax(axis=1), -1)


def _batches(
    pictures: NDArray[np.uint8], names: NDArray[np.int64], size: int, rng: np.random.Generator
) -> Iterator[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
    """Yield shuffled batches, each shifted by a pixel or two and now and then with a hole."""
    order = rng.permutation(len(names))
    for start in range(0, len(order) - size + 1, size):
        chosen = np.sort(order[start : start + size])
        batch = torch.from_numpy(pictures[chosen]).float().div_(255)
        batch = torch.roll(batch, tuple(rng.integers(-2, 3, 2).tolist()), (2, 3))
        for row in np.flatnonzero(rng.random(size) < 0.12):
            y, x = rng.integers(0, SIDE - 6, 2)
            batch[row, :, y : y + int(rng.integers(2, 7)), x : x + int(rng.integers(2, 7))] = 0
        labels = names[chosen]
        yield batch, torch.from_numpy(labels), torch.from_numpy(_script_of(labels, rng))


def train(
    net: nn.Sequential, pictures: NDArray[np.uint8], names: NDArray[np.int64], seed: int, number: int
) -> nn.Sequential:
    """Train a network for one round; return the running average of its weights.

    Half of the loss is over all classes, half over the classes of the character's own script. The learning rate
    rises and falls once per round (one cycle), lower after the first.
    """
    torch.manual_seed(1000 * seed + number)
    rng = np.random.default_rng([seed, 999, number])
    average = torch.optim.swa_utils.AveragedModel(
        net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.996), use_buffers=True
    )
    steps = EPOCHS * (len(names) // BATCH)
    top = 3e-3 if number == 0 else 2e-3
    optimiser = torch.optim.AdamW(net.parameters(), lr=top, weight_decay=0.02)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=top, total_steps=steps, pct_start=0.15)
    masks, step, began = script_masks(), 0, time.monotonic()
    net.train()
    for _ in range(EPOCHS):
        for batch, labels, scripts in _batches(pictures, names, BATCH, rng):
            loss, right = _loss(net, batch, labels, scripts, masks)
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            rate.step()
            average.update_parameters(net)
            step += 1
            if step % 50 == 0:
                seconds = time.monotonic() - began
                shown = (number, step, steps, loss.item(), right, seconds)
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
    """Run the whole training from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="the shared data folder")
    parser.add_argument(
        "--cache", type=Path, default=Path("var/training/cells"), help="where samples are kept"
    )
    parser.add_argument("--out", type=Path, default=Path("ocr/models/cells.onnx"))
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--width", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    net = new_net(given.width)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    for number in range(given.rounds):
        kept = given.cache / f"seed{given.seed}_width{given.width}_round{number}.pt"
        if kept.exists():
            net.load_state_dict(torch.load(kept))
            continue
        pictures, names = make_samples(
            given.data.resolve(), given.cache, given.seed, number * ROUND, given.workers
        )
        net = train(net, pictures, names, given.seed, number)
        torch.save(net.state_dict(), kept)
        save_onnx(net, given.out)
        log.info("round %d written, temperatures %s", number, describe(given.out, given.data))


if __name__ == "__main__":
    main()
