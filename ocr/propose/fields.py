"""From what is printed on a page to its fields: dates first, then rows, boxes to tick, rings, seals, free places."""

from dataclasses import replace
from typing import Any

from ocr.propose.choices import ChoicePlace, asks_for_many, find_ringed, find_tick_groups, ring_boxes
from ocr.propose.dates import DatePlace, find_dates
from ocr.propose.finding import Found
from ocr.propose.kinds import SEAL, Guess, guess_cells, guess_line, is_for_the_office, is_personal
from ocr.propose.labels import Label, Labels
from ocr.propose.parts import Parts
from ocr.propose.prints import plain
from ocr.propose.rect import Rect
from ocr.propose.rows import CellRun, grouped
from ocr.propose.spaces import Space, find_seals, find_spaces, find_underlines, unit_behind

FEWEST_CELLS = 2


def find_fields(parts: Parts) -> tuple[list[Found], list[Label]]:
    """Find the fields of a page.

    Returns:
        The fields in printed order, and the labels of places that only the office fills in.
    """
    dates = find_dates(parts)
    in_dates = [date.rect for date in dates]
    rows = _rows(parts, in_dates)
    ticked = find_tick_groups(parts)
    taken = [
        *in_dates,
        *(r.rect for r in rows),
        *(t.rect for t in ticked),
        *(w.rect for d in dates for w in d.words),
    ]
    ringed = [c for c in find_ringed(parts, taken) if not _are_eras(c)]
    seals = find_seals(parts)
    busy = [*taken, *(c.rect for c in ringed)]
    spaces = find_spaces(parts, [*busy, *(s.rect for s in seals)])
    lines = find_underlines(parts, busy)
    printed = [w for d in dates for w in d.words] + [w for c in (*ticked, *ringed) for w in c.words]
    labels = Labels(parts, printed)
    targets = [*in_dates, *(r.rect for r in rows), *(c.rect for c in (*ticked, *ringed))]
    found = [
        *(_date(parts, labels, date, targets) for date in dates),
        *(_row(parts, labels, row, targets) for row in rows),
        *(_choice(parts, labels, place, targets) for place in (*ticked, *ringed)),
        *(_seal(parts, labels, space) for space in seals),
        *(_space(labels, space) for space in (*spaces, *lines)),
    ]
    office = [f.label for f in found if is_for_the_office(f.label.text, f.label.area)]
    kept = [f for f in found if not is_for_the_office(f.label.text, f.label.area)]
    return sorted(kept, key=lambda f: (round(f.rect.middle[1] / 6), f.rect.left)), office


def _rows(parts: Parts, dates: list[Rect]) -> list[CellRun]:
    free = [r for r in parts.rows if not any(d.grown(0.5, 0.5).contains(r.rect) for d in dates)]
    walls = [
        p.rect
        for p in parts.prints
        if not p.vertical and plain(p.text) not in ("-", "ー", "一", "の", "(", ")", "・")
    ]
    return [row for row in grouped(free, walls) if row.count >= FEWEST_CELLS]


def _are_eras(place: ChoicePlace) -> bool:
    return all(name in ("明治", "大正", "昭和", "平成", "令和") for name, _ in place.options)


def _label(parts: Parts, labels: Labels, rect: Rect, targets: list[Rect]) -> Label:
    cell = parts.cell_around(rect)
    alone = cell is None or sum(cell.rect.contains(t) for t in targets) <= 1
    return labels.of(rect, cell, alone=alone)


def _date(parts: Parts, labels: Labels, date: DatePlace, targets: list[Rect]) -> Found:
    first = min([date.rect, *(e.rect for e in date.eras)], key=lambda r: r.left)
    whole = Rect(first.left, date.rect.top, date.rect.right, date.rect.bottom)
    label = _label(parts, labels, whole, targets)
    boxes = {}
    if len(date.eras) > 1:
        rings = ring_boxes(list(date.eras), parts.cell_around(date.rect))
        boxes = {plain(e.text): r.box() for e, r in zip(date.eras, rings, strict=True)}
    unsure = [] if date.in_cells else ["propose_no_cells"]
    unsure += [] if date.eras else ["propose_no_era"]
    return Found("date", whole, label, date.keys(boxes), tuple(unsure), is_personal(label.text))


def _row(parts: Parts, labels: Labels, row: CellRun, targets: list[Rect]) -> Found:
    label = _label(parts, labels, row.rect, targets)
    guess = guess_cells(label.text, label.hints, row.count)
    if unit_behind(parts, row.rect) == "円":
        guess = Guess("amount", sure=True)
    keys: dict[str, Any] = {"box": row.rect.box()} | _cells(row)
    if row.point is not None:
        guess = Guess("decimal", sure=True)
        keys["decimals"] = row.count - row.point
    if guess.check:
        keys["check"] = guess.check
    return _found(guess, row.rect, label, keys)


def _cells(row: CellRun) -> dict[str, Any]:
    """Return the cells as a template writes them."""
    if len(row.groups) == 1:
        return {"cells": row.count}
    if set(row.groups) == {1}:
        pitch = (row.rect.width - row.cell_width) / (row.count - 1)
        return {"cells": row.count, "pitch": round(pitch, 2)}
    even = max(row.gaps) - min(row.gaps) < 0.4
    return {"cells": list(row.groups), "gap": row.gaps[0] if even else list(row.gaps)}


def _choice(parts: Parts, labels: Labels, place: ChoicePlace, targets: list[Rect]) -> Found:
    label = _label(parts, labels, place.rect, targets)
    if place.style == "tick" and len(place.options) == 1:
        name, box = place.options[0]
        label = replace(label, text=name or label.text)
        return Found("checkbox", box, label, {"box": box.box()}, () if name else ("propose_no_label",), False)
    names = _distinct([name for name, _ in place.options])
    kind = "choices" if place.style == "tick" and asks_for_many(label.text + label.hints) else "choice"
    options = {name: box.box() for name, (_, box) in zip(names, place.options, strict=True)}
    unsure = () if all(name for name, _ in place.options) else ("propose_no_option",)
    keys = {"style": place.style, "options": options}
    return Found(kind, place.rect, label, keys, (*unsure, *_no_label(label)), False)


def _distinct(names: list[str]) -> list[str]:
    seen: list[str] = []
    for number, name in enumerate(names, start=1):
        plain_name = name.replace("、", "・") or str(number)
        seen.append(plain_name if plain_name not in seen else f"{plain_name}{number}")
    return seen


def _seal(parts: Parts, labels: Labels, space: Space) -> Found:
    label = labels.of(space.rect, space.cell)
    if label and "印" not in label.text:
        label = replace(label, text=f"{label.text}印")
    return Found("seal", space.rect, label, {"box": space.rect.box()}, _no_label(label), False)


def _space(labels: Labels, space: Space) -> Found:
    label = Label(space.heading, "", "inside") if space.heading else labels.of(space.rect, space.cell)
    if space.cell and space.heading:
        label = replace(label, area=labels.heading(space.cell.rect))
    hints = label.hints + "".join(plain(p.text) for p in space.notes)
    guess = guess_line(label.text, hints, unit=space.unit)
    square = space.rect.width < 2.5 * space.rect.height and space.rect.height > 9
    if SEAL.search(plain(label.text)) and square:
        guess = Guess("seal", sure=True)
    return _found(guess, space.rect, label, {"box": space.rect.box()})


def _found(guess: Guess, rect: Rect, label: Label, keys: dict[str, Any]) -> Found:
    unsure = () if guess.sure else ("propose_kind_guessed",)
    return Found(guess.kind, rect, label, keys, (*unsure, *_no_label(label)), is_personal(label.text))


def _no_label(label: Label) -> tuple[str, ...]:
    return () if label.text else ("propose_no_label",)
