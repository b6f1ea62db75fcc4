"""Dates and times on a form: cells for their parts, printed or marked eras, or a free line."""

from datetime import date, time
from typing import Literal, Self

from pydantic import Field, model_validator

from backoffice.declarations import Part, refuse
from ocr.template_base import FieldBase, ProperBox
from ocr.template_cells import Box, moved

EraName = Literal["明治", "大正", "昭和", "平成", "令和", "西暦"]


class CellRow(Part):
    """A row of digit cells inside a date or a time."""

    box: ProperBox = Field(description="x, y, width, height in mm.")
    cells: int = Field(2, ge=0, le=4, description="Number of digit cells; 0 for a free space.")

    def lower(self, dy: float) -> "CellRow":
        """Return the row `dy` mm lower."""
        return self.model_copy(update={"box": moved(self.box, 0, dy)})


class EraChoice(Part):
    """An era that the writer chooses by a mark."""

    style: Literal["circle", "tick"] = Field("circle", description="How an era is chosen.")
    options: dict[EraName, ProperBox] = Field(
        min_length=1, description="Era name and the box of its printed name."
    )


class DateField(FieldBase):
    """A date in an era or in the western calendar (era 西暦): cells or spaces for year, month, day, or a free line."""

    kind: Literal["date"] = Field(description="A date.")
    era: EraName | EraChoice | None = Field(
        None, description="The printed era, or the boxes among which one is marked."
    )
    year: CellRow | None = Field(None, description="Cells of the year.")
    month: CellRow | None = Field(None, description="Cells of the month.")
    day: CellRow | None = Field(None, description="Cells of the day.")
    box: ProperBox | None = Field(
        None, description="A free line for the whole date with its era, instead of era, year, month and day."
    )
    past: bool = Field(False, description="The day must not lie in the future.")
    earliest: date | None = Field(None, description="First day allowed, e.g. 2020-04-01.")
    latest: date | None = Field(None, description="Last day allowed.")

    @model_validator(mode="after")
    def _whole(self) -> "DateField":
        parts = (self.era, self.year, self.month, self.day)
        if (self.box is None and None in parts) or (
            self.box is not None and any(p is not None for p in parts)
        ):
            raise refuse("ocr.date_incomplete", name=self.name)
        if self.earliest and self.latest and self.earliest > self.latest:
            raise refuse("ocr.range_empty", least=self.earliest, most=self.latest)
        return self

    def parts(self) -> dict[str, CellRow]:
        """Return the cells of year, month and day by name; nothing for a free line."""
        rows = {"year": self.year, "month": self.month, "day": self.day}
        return {name: row for name, row in rows.items() if row is not None}

    def boxes(self) -> list[Box]:
        """Return the boxes of year, month, day and of the eras to choose from, or the free line."""
        rows = [row.box for row in self.parts().values()] + ([self.box] if self.box else [])
        return rows + (list(self.era.options.values()) if isinstance(self.era, EraChoice) else [])

    def placed(self, name: str, dy: float) -> Self:
        """Return the same field under another name, `dy` mm lower."""
        changes: dict[str, object] = {part: row.lower(dy) for part, row in self.parts().items()}
        if isinstance(self.era, EraChoice):
            boxes = {era: moved(box, 0, dy) for era, box in self.era.options.items()}
            changes["era"] = self.era.model_copy(update={"options": boxes})
        box = moved(self.box, 0, dy) if self.box else None
        return self.model_copy(update={"name": name, "box": box, **changes})


class HalfChoice(Part):
    """午前 or 午後, chosen by a mark."""

    style: Literal["circle", "tick"] = Field("circle", description="How it is chosen.")
    options: dict[Literal["午前", "午後"], ProperBox] = Field(
        min_length=2, description="The boxes of the two printed words."
    )


class TimeField(FieldBase):
    """A time of day: cells or spaces for hour and minute, or a free line."""

    kind: Literal["time"] = Field(description="A time of day.")
    half: HalfChoice | None = Field(None, description="午前 and 午後 to choose from; without it 24 hours.")
    hour: CellRow | None = Field(None, description="Cells of the hour.")
    minute: CellRow | None = Field(None, description="Cells of the minute; without it full hours.")
    box: ProperBox | None = Field(
        None, description="A free line for the whole time, instead of hour and minute."
    )
    earliest: time | None = Field(None, description='First time allowed, e.g. "08:30".')
    latest: time | None = Field(None, description="Last time allowed.")

    @model_validator(mode="after")
    def _whole(self) -> "TimeField":
        if (self.box is None) == (self.hour is None) or (self.box and (self.half or self.minute)):
            raise refuse("ocr.time_incomplete", name=self.name)
        return self

    def parts(self) -> dict[str, CellRow]:
        """Return the cells of hour and minute by name; nothing for a free line."""
        return {name: row for name, row in (("hour", self.hour), ("minute", self.minute)) if row is not None}

    def boxes(self) -> list[Box]:
        """Return the boxes of hour and minute and of 午前 and 午後, or the free line."""
        rows = [row.box for row in self.parts().values()] + ([self.box] if self.box else [])
        return rows + (list(self.half.options.values()) if self.half else [])

    def placed(self, name: str, dy: float) -> Self:
        """Return the same field under another name, `dy` mm lower."""
        changes: dict[str, object] = {part: row.lower(dy) for part, row in self.parts().items()}
        if self.half:
            boxes = {half: moved(box, 0, dy) for half, box in self.half.options.items()}
            changes["half"] = self.half.model_copy(update={"options": boxes})
        box = moved(self.box, 0, dy) if self.box else None
        return self.model_copy(update={"name": name, "box": box, **changes})
