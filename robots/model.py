"""A robot as it is written in configs/robots/*.yaml, and how it is loaded.

    robot: kouza_touroku
    items: {from: queue, process: kouza_furikae, personal: [納税者氏名]}
    setup:    […]    once: open the target, log in
    each:     […]    for every item
    resolve:  {…}    look up an item in doubt
    teardown: […]    once, at the end

The steps' actions come from the registry, so the model of a robot is made for a registry.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args

from pydantic import Field, PrivateAttr, ValidationError, create_model, field_validator

from backoffice.declarations import Declaration, Part, parse, refuse
from backoffice.errors import DeclarationError, Problem
from backoffice.yaml_source import Source, read_yaml
from robots.items import Id, Items
from robots.registry import Registry
from robots.routine import Routine, call_problems, load_routines, reached
from robots.step import Step, step_model
from robots.steps.standard import standard_registry
from robots.targets import Target
from robots.validate import Knowledge, Placed, problems_of
from robots.validate_whole import whole_problems

SECTIONS = ("setup", "each", "teardown", "on_error")
"""Lists of steps at the outermost level of a robot."""


class Tries(Part):
    """How often an item is tried when the target misbehaves before the commit step."""

    times: int = Field(3, ge=1, le=20, description="1 件を最大何回試すか。Tries per item.")
    wait_seconds: float = Field(
        30.0,
        ge=0,
        le=3600,
        description="次に試すまでの時間(秒)。回ごとに 2 倍。Wait before the next; doubles.",
    )


class FailureRule(Target):
    """A sign on the page that means failure."""

    as_: Literal["business", "system", "login"] = Field(
        "business",
        alias="as",
        description="business: この記録の誤り(次へ)。system: 相手の不調(やり直す)。login: 入れない(止める)。",
    )
    name: str = Field("", description="失敗の理由として台帳に残す言葉。The reason kept in the ledger.")
    messages: Target | None = Field(None, description="相手のメッセージの場所。Where the target says why.")
    after_commit: bool = Field(
        False,
        description="true: 登録の後に出ても「登録されなかった」証拠になる。Proof of refusal after commit too.",
    )


class Resolve(Part):
    """How an item in doubt is looked up in the target, and what its answer means."""

    steps: tuple[Step, ...] = Field(description="探す手順。The steps that look it up.")
    found: Target = Field(description="登録されていると分かる表示。It is registered.")
    not_found: Target = Field(description="登録されていないと分かる表示。It is not registered.")
    result: tuple[Step, ...] = Field((), description="登録されていたとき、受付番号などを読む手順。")
    not_before_seconds: float = Field(
        300.0,
        ge=0,
        description="登録を押してからこの時間は「ない」を信じない。遅い相手が後から登録することがある。"
        " Within this time 'not found' proves nothing.",
    )


class ScreenNeeds(Part):
    """What a desktop robot's pictures were made for."""

    width: int = Field(ge=320, le=16000, description="画面の幅(画素)。これより狭ければ始めない。Least width.")
    height: int = Field(ge=200, le=16000, description="画面の高さ(画素)。Least height in pixels.")


class Robot(Declaration):
    """A robot."""

    robot: Id = Field(description="名前(ファイル名と同じにするとよい)。Its name.")
    title: str = Field(description="何をするロボットか。What it does, for people.")
    version: int = Field(1, ge=1, description="版。The version people count.")
    items: Items = Field(description="処理する記録。The records it works on.")
    tries: Tries = Field(Tries(), description="うまくいかないときの試し方。")
    screen: ScreenNeeds | None = Field(None, description="画面の大きさ(デスクトップの手順用)。The screen.")
    lanes: int = Field(
        1,
        ge=1,
        le=16,
        description="同時に動かすブラウザーの数。それぞれがログインし、記録を取り合う。Browsers side by side.",
    )
    session_lost: Target | None = Field(
        None,
        description="ログアウトされたと分かる表示(見出し「ログイン」など)。出たらログインし直す。"
        " A sign of having been logged out; the robot logs in again.",
    )
    setup: tuple[Step, ...] = Field((), description="はじめに一度。Once at the start: log in.")
    each: tuple[Step, ...] = Field(description="1 件ごと。For every item.")
    teardown: tuple[Step, ...] = Field((), description="おわりに一度。Once at the end.")
    on_error: tuple[Step, ...] = Field((), description="失敗した画面で行う。On the page of a failure.")
    resolve: Resolve | None = Field(None, description="登録されたか不明の案件の調べ方。How doubt is settled.")
    fails_when: tuple[FailureRule, ...] = Field((), description="失敗を意味する表示。Signs of failure.")

    _routines: Mapping[str, Routine] = PrivateAttr(default_factory=lambda: MappingProxyType({}))

    @field_validator("each")
    @classmethod
    def _does_something(cls, each: tuple[Step, ...]) -> tuple[Step, ...]:
        if not each:
            raise refuse("robots.each_empty")
        return each

    def placed(self) -> list[Placed]:
        """Return every step with its place in the file."""
        listed = [
            Placed((section, at), step)
            for section in SECTIONS
            for at, step in enumerate(getattr(self, section))
        ]
        if self.resolve is not None:
            listed += [Placed(("resolve", "steps", at), step) for at, step in enumerate(self.resolve.steps)]
            listed += [Placed(("resolve", "result", at), step) for at, step in enumerate(self.resolve.result)]
        return listed

    @property
    def routines(self) -> Mapping[str, Routine]:
        """The routines that stand beside the robot, by name."""
        return self._routines

    def all_steps(self) -> list[Step]:
        """Return every step, those of the routines it calls included."""
        own = self.placed()
        inner = [step for routine in reached(own, self.routines) for step in routine.steps]
        return [*(placed.step for placed in own), *inner]

    def secrets(self) -> list[str]:
        """Return the names of the secrets the robot types, in order."""
        return list(dict.fromkeys(step.secret for step in self.all_steps() if step.secret))


@cache
def robot_model(registry: Registry) -> type[Robot]:
    """Return the model of robots whose steps have the actions of the registry; the JSON Schema comes from it."""
    step = step_model(registry)
    steps: Any = tuple[step, ...]  # type: ignore[valid-type]
    looks: dict[str, Any] = {name: (steps, Resolve.model_fields[name]) for name in ("steps", "result")}
    resolve = create_model("Resolve", __base__=Resolve, **looks)
    fields: dict[str, Any] = {section: (steps, Robot.model_fields[section]) for section in SECTIONS}
    fields["resolve"] = (resolve | None, Robot.model_fields["resolve"])
    model: type[Robot] = create_model("Robot", __base__=Robot, **fields)
    return model


def load_robot(path: Path, knowledge: Knowledge | None = None, registry: Registry | None = None) -> Robot:
    """Load one robot and check everything that can be known before it runs.

    Args:
        path: The YAML file.
        knowledge: What names exist (fields of the records, targets, secrets); unchecked where not told.
        registry: The actions; the standard ones by default.

    Raises:
        DeclarationError: With every problem of the file.
    """
    data, source = read_yaml(path)
    return robot_of(data, source, knowledge, registry)


def robot_of(
    data: Any, source: Source, knowledge: Knowledge | None = None, registry: Registry | None = None
) -> Robot:
    """Check what `read_yaml` returned, as `load_robot` does.

    Args:
        data: The content of the file.
        source: The file; routines and pictures are looked for beside it.
        knowledge: What names exist.
        registry: The actions; the standard ones by default.

    Raises:
        DeclarationError: With every problem of the file.
    """
    registry = registry or standard_registry()
    knowledge = knowledge or Knowledge()
    model = robot_model(registry)
    problems: list[Problem] = []
    routines = load_routines(source.path.parent, registry, knowledge)
    robot = None
    try:
        robot = parse(data, source, model)
    except DeclarationError as error:
        problems.extend(error.problems)
    if robot is not None and robot.items.columns:
        knowledge = replace(knowledge, fields=robot.items.columns)
    placed = robot.placed() if robot is not None else list(_readable_steps(data, model))
    unread = set() if robot is not None else _keys_unread(data, placed)
    problems.extend(problems_of(placed, source, knowledge, unread))
    problems.extend(call_problems(placed, source, routines))
    if robot is not None:
        problems.extend(whole_problems(robot.lanes, placed, source, routines))
    if robot is None or problems:
        raise DeclarationError(_in_order(problems))
    robot._routines = MappingProxyType(routines)
    return robot


def load_robots(folder: Path, knowledge: Knowledge | None = None) -> dict[str, Robot]:
    """Load every robot of a folder by its name.

    Raises:
        DeclarationError: With the problems of all files, two robots of one name included.
    """
    problems: list[Problem] = []
    found: dict[str, Robot] = {}
    for path in sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")]):
        try:
            robot = load_robot(path, knowledge)
        except DeclarationError as error:
            problems.extend(error.problems)
            continue
        if robot.robot in found:
            values = {"name": robot.robot, "other": found[robot.robot].source.path.name}
            problems.append(Problem(robot.source.locate(("robot",)), "backoffice.name_twice", values))
        found.setdefault(robot.robot, robot)
    if problems:
        raise DeclarationError(problems)
    return found


def _readable_steps(data: Any, model: type[Robot]) -> Iterator[Placed]:
    """Yield the steps that can be read in a file that cannot be read as a whole."""
    if not isinstance(data, dict):
        return
    step = _step_of(model)
    resolve = data.get("resolve")
    lists: list[tuple[tuple[str, ...], Any]] = [((section,), data.get(section)) for section in SECTIONS]
    if isinstance(resolve, dict):
        lists += [(("resolve", part), resolve.get(part)) for part in ("steps", "result")]
    for place, written in lists:
        for at, one in enumerate(written if isinstance(written, list) else []):
            try:
                yield Placed((*place, at), step.model_validate(one))
            except ValidationError:
                continue  # told by the model as a whole


def _keys_unread(data: Any, placed: Sequence[Placed]) -> set[str]:
    """Return the keys of the steps of `each` that could not be read."""
    written = data.get("each") if isinstance(data, dict) else None
    read = {one.place[1] for one in placed if one.place[0] == "each"}
    steps = written if isinstance(written, list) else []
    return {
        str(key) for at, one in enumerate(steps) if at not in read and isinstance(one, dict) for key in one
    }


def _step_of(model: type[Robot]) -> type[Step]:
    step: type[Step] = get_args(model.model_fields["each"].annotation)[0]
    return step


def _in_order(problems: list[Problem]) -> list[Problem]:
    once = {(problem.where, problem.key): problem for problem in problems}
    return sorted(
        once.values(), key=lambda problem: [int(n) for n in problem.where.rsplit(":", 2)[1:] if n.isdigit()]
    )
