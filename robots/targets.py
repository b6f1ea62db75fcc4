"""What a step points at, by what a person sees: `field: 氏名`, `button: 登録`, `link: 検索`, `heading: 登録完了`.

CSS and XPath come last, for pages that have no words. `or:` lists other ways to find the same thing; when one of
those had to be used, the evidence says so, because then the page has changed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from backoffice.declarations import Part, refuse
from backoffice.messages import text as catalogue_text
from robots.values import Scope, Template, masked

KINDS = ("field", "button", "link", "heading", "text", "cell", "row", "css", "xpath")
"""Kinds of targets, as written in a robot. `row` beside another kind narrows it down to one row of a table."""


@dataclass(frozen=True)
class Spot:
    """A target with all values filled in, ready for a driver.

    Attributes:
        kind: One of KINDS, "option" (one choice of a field), or "password" (any password field).
        name: The words, or the CSS or XPath expression.
        field: For "option": the field that the choice belongs to.
        row: Only in the table row that has a cell with this text.
        nth: The n-th of several, from 1.
        value: Only when its value (or text) is this one.
        contains: Only when its value (or text) has this in it.
        count: Only when there are exactly so many.
        private: Its words hold a personal value and are never told.
        private_options: The option that a step chooses in this field is a personal value.
        alternatives: Other ways to find it, in order.
    """

    kind: str
    name: str
    field: str = ""
    row: str = ""
    nth: int | None = None
    value: str | None = None
    contains: str | None = None
    count: int | None = None
    private: bool = False
    private_options: bool = False
    alternatives: tuple["Spot", ...] = ()

    def ways(self) -> Iterator["Spot"]:
        """Yield the spot itself, then its alternatives."""
        yield replace(self, alternatives=())
        yield from self.alternatives

    def limited(self, *, value: str | None, count: int | None, contains: str | None = None) -> "Spot":
        """Return the spot narrowed down to a value, to a part of it, to an exact number, or to all of these."""
        limits: dict[str, Any] = {"value": value, "contains": contains, "count": count}
        others = tuple(other.limited(**limits) for other in self.alternatives)
        return replace(self, **limits, alternatives=others)

    def option(self, name: str) -> "Spot":
        """Return one choice of this field (a radio button, a check box)."""
        others = tuple(other.option(name) for other in self.alternatives)
        if self.kind != "field":
            return replace(self, alternatives=others)
        private = self.private or self.private_options
        return replace(self, kind="option", name=name, field=self.name, private=private, alternatives=others)

    def hiding_options(self) -> "Spot":
        """Return the spot with its options marked as personal values."""
        others = tuple(other.hiding_options() for other in self.alternatives)
        return replace(self, private_options=True, alternatives=others)

    def describe(self, language: str | None = None) -> str:
        """Return the spot in words: 「登録」ボタン, field "氏名"."""
        name = masked(self.name) if self.private else self.name
        shown = f"{self.field}: {name}" if self.field else name
        return catalogue_text(f"robots.spot_{self.kind}", language=language, name=shown)


class Target(Part):
    """A target as a robot writes it."""

    required: ClassVar[bool] = True

    field: Template | None = Field(
        None,
        description="入力欄。ラベルか、隣または上の見出しの文字で指す。An input, by its label or its header cell.",
    )
    button: Template | None = Field(None, description="ボタンの文字。A button by its words.")
    link: Template | None = Field(None, description="リンクの文字。A link by its words.")
    heading: Template | None = Field(None, description="見出しの文字。A heading by its words.")
    text: Template | None = Field(None, description="画面のどこかに出る文字。Words anywhere on the page.")
    cell: Template | None = Field(
        None,
        description="表の見出しの右(row があれば同じ列)のます。The table cell beside, or below, a header.",
    )
    row: Template | None = Field(
        None,
        description="この文字のますを含む行。{has: 文字} とも書ける。他の指定と併せると、その行の中だけを探す。"
        " A row by one of its cells.",
    )
    css: Template | None = Field(
        None, description="CSS セレクター。文字で指せないときだけ。Only where words fail."
    )
    xpath: Template | None = Field(None, description="XPath。最後の手段。The last resort.")
    nth: int | None = Field(
        None, ge=1, description="同じものが並ぶとき、上から何番目か。The n-th of several."
    )
    alternatives: tuple["Target", ...] = Field(
        (), alias="or", description="見つからないときの別の指し方(順に試す)。Other ways to find it, in order."
    )

    @field_validator("row", mode="before")
    @classmethod
    def _take_has(cls, written: Any) -> Any:
        """Read `row: {has: 甲}` as `row: 甲`."""
        if isinstance(written, dict) and set(written) == {"has"}:
            return written["has"]
        return written

    @model_validator(mode="after")
    def _has_one_kind(self) -> Self:
        kinds = self.kinds()
        if not kinds and (self.required or self.nth or self.alternatives):
            raise refuse("robots.target_missing", kinds=", ".join(KINDS))
        if len(kinds) > 1:
            raise refuse("robots.target_twice", kinds=", ".join(kinds))
        return self

    def kinds(self) -> list[str]:
        """Return the kinds written; `row` counts only when it stands alone."""
        found = [kind for kind in KINDS if getattr(self, kind) is not None]
        return [kind for kind in found if kind != "row"] or found

    def templates(self) -> Iterator[Template]:
        """Yield every text with places to fill in, alternatives included."""
        for kind in KINDS:
            template = getattr(self, kind)
            if template is not None:
                yield template
        for other in self.alternatives:
            yield from other.templates()

    def fill(self, scope: Scope) -> Spot | None:
        """Return the spot with all values filled in; None when nothing is pointed at."""
        kinds = self.kinds()
        if not kinds:
            return None
        kind = kinds[0]
        others = [other.fill(scope) for other in self.alternatives]
        return Spot(
            kind,
            getattr(self, kind).fill(scope),
            row=self.row.fill(scope) if self.row is not None and kind != "row" else "",
            nth=self.nth,
            private=getattr(self, kind).is_private(scope),
            alternatives=tuple(other for other in others if other is not None),
        )
