"""Merged blocks of a sheet: found for each cell, however many there are."""

from __future__ import annotations

import pytest

from robots.workbooks.cells import Cells
from robots.workbooks.places import LAST_ROW, Block

ROWS = [Block(row, 12, row, 13) for row in range(2, 5000)]
COLUMN = Block(1, 20, LAST_ROW, 21)


def test_every_cell_of_a_block_belongs_to_it() -> None:
    cells = Cells(merged=[*ROWS, COLUMN])
    found = [
        cells.merged_at(row, column) for row, column in ((7, 12), (7, 13), (7, 14), (7, 20), (900_000, 21))
    ]
    assert found == [ROWS[5], ROWS[5], None, COLUMN, COLUMN]


def test_a_cell_is_compared_with_the_blocks_of_its_own_row_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Block] = []
    holds = Block.holds

    def watched(self: Block, row: int, column: int) -> bool:
        looks.append(self)
        return holds(self, row, column)

    monkeypatch.setattr(Block, "holds", watched)
    assert Cells(merged=[*ROWS, COLUMN]).merged_at(7, 1) is None
    assert looks == [ROWS[5], COLUMN]
