"""A step: exactly one action, and modifiers that say when, how long, how often, and how dangerous.

    - fill: {field: 氏名, value: "${item.氏名}"}
      when: {value: "${item.氏名}", empty: false}
      timeout: 30

The keys of the actions are added to the model from the registry.
"""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import Field, create_model, model_validator

from backoffice.declarations import Part, refuse
from robots.registry import Action, Arguments, Registry
from robots.values import Scope, Template


class Condition(Part):
    """When a step is done: a value compared with others. Nothing can be computed."""

    value: Template = Field(description="調べる値。The value to look at, such as ${item.届出印}.")
    is_: Template | tuple[Template, ...] | None = Field(
        None,
        alias="is",
        description="この値(または一覧のどれか)のとき。Holds when equal to this, or to one of these.",
    )
    is_not: Template | tuple[Template, ...] | None = Field(
        None, description="この値(または一覧のどれか)でないとき。Holds when equal to none of these."
    )
    empty: bool | None = Field(
        None, description="true: 空のとき。false: 空でないとき。Holds when (not) empty."
    )

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if self.is_ is None and self.is_not is None and self.empty is None:
            raise refuse("robots.condition_empty")
        return self

    def holds(self, scope: Scope) -> bool:
        """Say whether the step is to be done; every part written must hold."""
        value = self.value.fill(scope)
        if self.empty is not None and (not value) != self.empty:
            return False
        if self.is_ is not None and value not in _filled(self.is_, scope):
            return False
        return self.is_not is None or value not in _filled(self.is_not, scope)

    def texts(self) -> Iterator[Template]:
        """Yield every text with places to fill in."""
        yield self.value
        yield from _listed(self.is_)
        yield from _listed(self.is_not)


class Step(Part):
    """One step of a robot. The actions themselves are added from the registry by `step_model`."""

    actions: ClassVar[Mapping[str, Action]] = {}

    name: str = Field("", description="手順の名前。証跡と説明に出る。Shown in evidence and explanation.")
    when: Condition | None = Field(None, description="この条件のときだけ行う。Do it only when this holds.")
    timeout: float | None = Field(
        None, gt=0, le=3600, description="待つ最大時間(秒)。省けば設定の値。Longest wait in seconds."
    )
    retry: int = Field(
        0,
        ge=0,
        le=10,
        description="うまくいかないとき、その場でやり直す回数。登録の手順には使えない。Tries again.",
    )
    for_each: Template | None = Field(
        None,
        description="「、」区切りの値の一つずつについて行う。値は ${each}。Once for each value between 、.",
    )
    for_each_row: str | None = Field(
        None,
        description="read_rows や read_csv で読んだ表の名前。行の一つずつについて行う。値は ${each.見出し}。"
        " Once for each row of a table that was read.",
    )
    secret: str | None = Field(
        None, description="打ち込む秘密の名前。値はどこにも記録されない。Name of the secret to type."
    )
    commit: bool = Field(
        False, description="取り消せない手順(登録ボタンなど)。失敗したら確認待ちになる。Cannot be undone."
    )
    confirm: bool = Field(
        False, description="登録されたことを確かめる手順。見えたら処理済みになる。Seen: the item is done."
    )

    @model_validator(mode="after")
    def _has_one_action(self) -> Self:
        named = [name for name in self.actions if name in self.model_fields_set]
        if not named:
            raise refuse("robots.step_without_action", actions=", ".join(self.actions))
        if len(named) > 1:
            raise refuse("robots.step_with_two_actions", actions=", ".join(named))
        return self

    @property
    def action(self) -> Action:
        """The action of this step."""
        return next(action for name, action in self.actions.items() if name in self.model_fields_set)

    @property
    def arguments(self) -> Arguments:
        """The arguments as written."""
        arguments: Arguments = getattr(self, self.action.name)
        return arguments

    def texts(self) -> Iterator[Template]:
        """Yield every text with places to fill in, modifiers included."""
        yield from self.arguments.texts()
        if self.when is not None:
            yield from self.when.texts()
        if self.for_each is not None:
            yield self.for_each


def step_model(registry: Registry) -> type[Step]:
    """Make the model of a step whose actions are those of the registry."""
    fields: dict[str, Any] = {
        action.name: (action.arguments, Field(None, description=action.summary)) for action in registry
    }
    model: type[Step] = create_model("Step", __base__=Step, **fields)
    model.actions = registry.actions
    return model


def _listed(written: Template | tuple[Template, ...] | None) -> tuple[Template, ...]:
    if written is None:
        return ()
    return (written,) if isinstance(written, Template) else written


def _filled(written: Template | tuple[Template, ...], scope: Scope) -> set[str]:
    return {template.fill(scope) for template in _listed(written)}
