"""Find choices: words to put a ring around, and boxes to tick with the words behind them."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ocr.propose.frames import Frame
from ocr.propose.parts import Parts
from ocr.propose.prints import SEPARATORS, Print, is_note, plain, words
from ocr.propose.rect import Rect, around

LONGEST_OPTION = 12
"""Longer words are text, not options."""

RING_MM = (12.0, 9.0)
"""A ring drawn by hand needs at least this much room, where the neighbours leave it."""

_RINGED = re.compile(r"[〇○◯Oo0]で?(を?付|をつけ|を記|で?囲)|で囲|に[〇○◯]|該当するもの|いずれか|どちらか")
_NUMBER = re.compile(r"^[\(\[]?([0-9]{1,2}|[ア-オ]|[①-⑳])[\)\]..、]?")
_KNOWN = (
    {"男", "女"}, {"有", "無"}, {"あり", "なし"}, {"はい", "いいえ"}, {"普通", "当座"}, {"可", "否"}, {"要", "不要"},
    {"新規", "変更"}, {"本人", "代理人"}, {"大正", "昭和"}, {"昭和", "平成"}, {"平成", "令和"}, {"する", "しない"},
    {"希望する", "希望しない"}, {"同居", "別居"}, {"一般", "特別"},
)  # fmt: skip
_MANY = re.compile(r"いくつでも|複数|すべて|全て|あてはまるもの|該当するもの")
_SEVERAL_KINDS = {"はい", "いいえ", "有", "無", "あり", "なし"}


@dataclass(frozen=True)
class ChoicePlace:
    """A choice.

    Attributes:
        options: Name and box of every option, in printed order.
        style: "circle" or "tick".
        words: Everything printed that belongs to it.
        cell: The cell of the table around it, None when it stands free.
        sure: Something printed says that it is a choice.
    """

    options: tuple[tuple[str, Rect], ...]
    style: str
    words: tuple[Print, ...]
    cell: Frame | None
    sure: bool = True

    @property
    def rect(self) -> Rect:
        """All boxes together."""
        return around(rect for _, rect in self.options)


def option_name(text: str) -> str:
    """Return the words of an option without number, bracketed note and separators."""
    name = plain(text).strip("".join(SEPARATORS) + "□■」』|]")
    short = re.sub(r"\(.*?(\)|$)", "", _NUMBER.sub("", name, count=1)).strip("、,.・:")
    return short or name


def asks_for_many(told: str) -> bool:
    """Say whether a label allows several options."""
    return bool(_MANY.search(plain(told)))


def find_tick_groups(parts: Parts) -> list[ChoicePlace]:
    """Return the boxes to tick, those of one cell together."""
    cells: dict[Rect | None, list[Rect]] = defaultdict(list)
    frames: dict[Rect | None, Frame | None] = {}
    for tick in parts.ticks:
        cell = parts.cell_around(tick)
        key = cell.rect if cell else None
        cells[key].append(tick)
        frames[key] = cell
    found = []
    for key, ticks in cells.items():
        for group in _in_groups(ticks, parts, one_cell=key is not None):
            named = [(tick, _word_behind(parts, tick, parts.ticks)) for tick in group]
            options = tuple((option_name(word.text) if word else "", tick) for tick, word in named)
            found.append(ChoicePlace(options, "tick", tuple(w for _, w in named if w), frames[key]))
    return found


def _in_groups(ticks: list[Rect], parts: Parts, *, one_cell: bool) -> list[list[Rect]]:
    """Part boxes by lines when each line begins with words of its own (a question), else keep them together."""
    lines: list[list[Rect]] = []
    for tick in sorted(ticks, key=lambda t: (round(t.top / 3), t.left)):
        same = next((line for line in lines if line[0].beside(tick)), None)
        same.append(tick) if same else lines.append([tick])
    for line in lines:
        line.sort()
    headed = [bool(_words_left(parts, line[0])) for line in lines]
    if len(lines) > 1 and (all(headed) or not one_cell):
        return lines
    if len(lines) > 1 and any(headed):
        groups: list[list[Rect]] = []
        for line, head in zip(lines, headed, strict=True):
            groups.append(list(line)) if head or not groups else groups[-1].extend(line)
        return groups
    return [[tick for line in lines for tick in line]]


def _words_left(parts: Parts, tick: Rect) -> list[Print]:
    reach = Rect(tick.left - 70, tick.top, tick.left - 1, tick.bottom)
    cell = parts.cell_around(tick)
    reach = reach.within(cell.rect) if cell else reach
    return [p for p in parts.prints if reach.holds(p.rect.middle) and not p.vertical and not is_note(p)]


def _word_behind(parts: Parts, tick: Rect, ticks: Iterable[Rect]) -> Print | None:
    """Return the words between a box and the next one, or the end of its line."""
    cell = parts.cell_around(tick)
    right = cell.rect.right if cell else parts.paper.size_mm[0]
    right = min([right, *(t.left for t in ticks if t.left > tick.right and t.beside(tick))])
    reach = Rect(tick.right + 0.5, tick.top - 0.5, right, tick.bottom + 0.5)
    pieces = [
        word
        for line in parts.prints
        if not line.vertical and reach.top < line.rect.middle[1] < reach.bottom
        for word in words(line)
        if _cut(word, reach)
    ]
    near = [piece for word in pieces if (piece := _cut(word, reach)) and piece.rect.left - tick.right < 25]
    return min(near, key=lambda p: p.rect.left, default=None)


def _cut(word: Print, reach: Rect) -> Print | None:
    """Return the characters of a word that lie in a stretch of its line."""
    kept = [at for at, x in enumerate(word.centres) if reach.left < x < reach.right]
    kept = [at for at in kept if word.text[at] not in "□■"]
    if not kept:
        return None
    half = 0.5 * word.size
    centres = tuple(word.centres[at] for at in kept)
    rect = Rect(centres[0] - half, word.rect.top, centres[-1] + half, word.rect.bottom)
    return Print("".join(word.text[at] for at in kept), rect, word.size, centres=centres)


def find_ringed(parts: Parts, taken: list[Rect]) -> list[ChoicePlace]:
    """Return the choices whose printed words are ringed by hand.

    Args:
        parts: What is printed on the page.
        taken: Places of words and cells that belong to something else (dates, rows, boxes to tick).
    """
    found = []
    for cell in parts.cells:
        if cell.shaded or any(cell.rect.contains(t) for t in taken):
            continue
        lines = [p for p in parts.prints_in(cell.rect) if not p.vertical]
        found += _in_lines(lines, cell, _label_beside(parts, cell))
    inside = [p for p in parts.prints if any(c.rect.holds(p.rect.middle) for c in parts.cells)]
    free = [p for p in parts.prints if p not in inside and not p.vertical]
    free = [p for p in free if not any(t.holds(p.rect.middle) for t in taken)]
    for line in free:
        found += _parted(words(line), None)
    return found


def _label_beside(parts: Parts, cell: Frame) -> str:
    """Return what the cells left of and above a cell say, notes included."""
    near = [
        f.rect
        for f in parts.cells
        if (abs(f.rect.right - cell.rect.left) < 1.3 and f.rect.beside(cell.rect))
        or (abs(f.rect.bottom - cell.rect.top) < 1.3 and f.rect.shared_width(cell.rect) > 5 and f.shaded)
    ]
    return " ".join(plain(p.text) for rect in near for p in parts.prints_in(rect))


def _in_lines(lines: list[Print], cell: Frame, label: str) -> list[ChoicePlace]:
    every = [word for line in lines for word in _with_numbers(words(line))]
    parted = _parted(every, cell)
    if parted:
        return parted
    largest = max((w.size for w in every), default=0.0)
    short = [w for w in every if not is_note(w) and w.size > 0.7 * largest]
    short = [w for w in short if option_name(w.text) and len(option_name(w.text)) <= LONGEST_OPTION]
    told = label + " ".join(plain(line.text) for line in lines if is_note(line))
    numbered = [w for w in short if _NUMBER.match(plain(w.text)) and len(plain(w.text)) > 1]
    if len(numbered) >= 2 and len(numbered) >= len(short) - 1:
        return [_ringed(numbered, cell)]
    names = {option_name(w.text) for w in short}
    if (
        len(short) >= 2
        and len(names) == len(short)
        and (_RINGED.search(told) or any(k <= names for k in _KNOWN))
    ):
        return [_ringed(short, cell)]
    return []


def _with_numbers(pieces: list[Print]) -> list[Print]:
    """Join a number that stands alone with the word behind it."""
    joined: list[Print] = []
    for word in sorted(pieces, key=lambda w: w.rect.left):
        number = joined and _NUMBER.fullmatch(plain(joined[-1].text))
        if number and word.rect.left - joined[-1].rect.right < 3 * word.size:
            last = joined.pop()
            text, centres = last.text + word.text, last.centres + word.centres
            word = Print(text, around([last.rect, word.rect]), word.size, centres=centres)
        joined.append(word)
    return joined


def _parted(pieces: list[Print], cell: Frame | None) -> list[ChoicePlace]:
    """Words with a separator between them that stands alone: 男 ・ 女."""
    ordered = sorted(pieces, key=lambda w: (round(w.rect.middle[1] / 4), w.rect.left))
    chains: list[list[Print]] = []
    for before, dot, after in zip(ordered, ordered[1:], ordered[2:], strict=False):
        alone = dot.text in SEPARATORS and before.rect.beside(after.rect)
        if not alone or max(len(plain(before.text)), len(plain(after.text))) > LONGEST_OPTION:
            continue
        if chains and chains[-1][-1] is before:
            chains[-1].append(after)
        else:
            chains.append([before, after])
    return [
        _ringed(chain, cell) for chain in chains if len({option_name(w.text) for w in chain}) == len(chain)
    ]


def _ringed(words_: list[Print], cell: Frame | None) -> ChoicePlace:
    options = sorted(words_, key=lambda w: (round(w.rect.middle[1] / 4), w.rect.left))
    boxes = ring_boxes(options, cell)
    named = tuple((option_name(w.text), box) for w, box in zip(options, boxes, strict=True))
    return ChoicePlace(named, "circle", tuple(options), cell)


def ring_boxes(options: list[Print], cell: Frame | None) -> list[Rect]:
    """Return the room for a ring around each word: RING_MM or more, up to half the way to the neighbours."""
    boxes = []
    for word in options:
        across = max(2.5, (RING_MM[0] - word.rect.width) / 2)
        down = max(1.5, (RING_MM[1] - word.rect.height) / 2)
        line = [w.rect for w in options if w is not word and w.rect.beside(word.rect)]
        lefts = [(word.rect.left - r.right) / 2 for r in line if r.right <= word.rect.left]
        rights = [(r.left - word.rect.right) / 2 for r in line if r.left >= word.rect.right]
        stack = [w.rect for w in options if w is not word and w.rect.shared_width(word.rect) > 0]
        ups = [(word.rect.top - r.bottom) / 2 for r in stack if r.bottom <= word.rect.top]
        downs = [(r.top - word.rect.bottom) / 2 for r in stack if r.top >= word.rect.bottom]
        box = Rect(
            word.rect.left - min([across, *lefts]),
            word.rect.top - min([down, *ups]),
            word.rect.right + min([across, *rights]),
            word.rect.bottom + min([down, *downs]),
        )
        boxes.append(box.within(cell.rect.grown(-0.5, -0.5)) if cell else box)
    return boxes
