"""Where the character cells of a field lie: equal cells, groups with a gap, cells of a pitch, several rows.

All lengths are millimetres from the top left corner of the page; a box is `[x, y, width, height]`.
"""

from pydantic import Field, field_validator, model_validator

from backoffice.declarations import Part, refuse

Box = tuple[float, float, float, float]
"""x, y, width, height in mm from the top left of the page."""


def proper(box: Box) -> Box:
    """Return the box.

    Raises:
        PydanticCustomError: It begins left of or above the page, or has no size.
    """
    x, y, width, height = box
    if x < 0 or y < 0 or width <= 0 or height <= 0:
        raise refuse("ocr.box_wrong", box=list(box))
    return box


def moved(box: Box, dx: float, dy: float) -> Box:
    """Return the box moved by some millimetres."""
    return box[0] + dx, box[1] + dy, box[2], box[3]


class CellGrid(Part):
    """A box with character cells, or a free line when it has none."""

    box: Box = Field(description="x, y, width, height in mm.")
    cells: int | tuple[int, ...] | None = Field(
        None,
        description="Number of character cells in a row; a list, e.g. [3, 4], for groups with a printed gap between "
        "them. Without it the box is a free line.",
    )
    gap: float | tuple[float, ...] = Field(
        0.0, description="Width in mm between the groups of cells; a list when the gaps differ."
    )
    pitch: float | None = Field(
        None,
        gt=0,
        description="Distance in mm from the left edge of a cell to that of the next, when separate cells are "
        "printed; without it the cells touch each other.",
    )
    rows: int = Field(1, ge=1, le=8, description="Rows of cells one below the other, read as one text.")
    row_gap: float = Field(0.0, ge=0, description="Height in mm between two rows of cells.")

    _box = field_validator("box")(proper)

    @model_validator(mode="after")
    def _cells_fit(self) -> "CellGrid":
        groups = self.groups
        if self.cells is not None and not (groups and min(groups) >= 1 and sum(groups) <= 100):
            raise refuse("ocr.cells_wrong", cells=str(self.cells))
        if self.pitch is not None and len(groups) != 1:
            raise refuse("ocr.pitch_needs_cells")
        if isinstance(self.gap, tuple) and len(self.gap) != len(groups) - 1:
            raise refuse("ocr.gaps_wrong", gaps=len(self.gap), groups=len(groups))
        if groups and (self.cell_width <= 0 or self.row_height <= 0):
            raise refuse("ocr.cells_do_not_fit", cells=sum(groups), rows=self.rows)
        return self

    @property
    def groups(self) -> tuple[int, ...]:
        """Number of cells of each group in a row; empty for a free line."""
        if self.cells is None:
            return ()
        return (self.cells,) if isinstance(self.cells, int) else self.cells

    @property
    def cell_count(self) -> int:
        """Cells in all rows together, 0 for a free line."""
        return sum(self.groups) * self.rows

    @property
    def cell_width(self) -> float:
        """Width of a cell in mm; of the whole box for a free line."""
        count = sum(self.groups)
        if not count:
            return self.box[2]
        if self.pitch is not None:
            return self.box[2] - self.pitch * (count - 1)
        return (self.box[2] - sum(self._gaps())) / count

    @property
    def row_height(self) -> float:
        """Height of a row in mm."""
        return (self.box[3] - self.row_gap * (self.rows - 1)) / self.rows

    def row_boxes(self) -> list[Box]:
        """Return the box of each row."""
        x, y, width, _ = self.box
        step = self.row_height + self.row_gap
        return [(x, y + step * row, width, self.row_height) for row in range(self.rows)]

    def spans(self) -> list[tuple[float, float]]:
        """Return left and right edge of every cell of a row, in mm from the left edge of the box."""
        width = self.cell_width
        if not self.groups:
            return []
        if self.pitch is not None:
            return [(i * self.pitch, i * self.pitch + width) for i in range(sum(self.groups))]
        spans: list[tuple[float, float]] = []
        left = 0.0
        for group, gap in zip(self.groups, (*self._gaps(), 0.0), strict=True):
            spans += [(left + width * i, left + width * (i + 1)) for i in range(group)]
            left += width * group + gap
        return spans

    def _gaps(self) -> tuple[float, ...]:
        if isinstance(self.gap, tuple):
            return self.gap
        return (self.gap,) * max(0, len(self.groups) - 1)
