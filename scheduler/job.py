"""What a town writes in `configs/jobs/*.yaml`: one job, what it does, when it is due, and what it saves.

    job: nouzei_yomitori
    title: 口座振替依頼書の読み取り
    department: nouzei
    read: nouzei                 # or  run: ROBOT
    when:
      - on_file: true
      - at: "18:00"
        days: 開庁日

Times and days stay as they were written; `scheduler/triggers.py` turns them into moments.
"""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from backoffice.declarations import Declaration, Part, many, refuse
from backoffice.settings_engine import QueueName
from scheduler.cron import parse_cron
from scheduler.days import parse_days
from scheduler.declared import checked
from scheduler.notify import Expectation, Notify
from scheduler.queues import Queue
from scheduler.times import parse_clock, parse_every, parse_window

Name = Annotated[str, Field(min_length=1, max_length=100)]
Parameter = Annotated[str, Field(pattern=r"^[^\s.|{}$=]+$", max_length=100)]
KINDS = ("at", "cron", "every", "after", "on_file", "on_queue")


class Trigger(Part):
    """One thing that makes a job due: exactly one of at, cron, every, after, on_file, on_queue."""

    at: Annotated[tuple[str, ...], BeforeValidator(many)] | None = Field(
        None, description='時刻 "18:00"。いくつも書くときは ["08:30", "18:00"]。Time of day, local.'
    )
    days: str = Field(
        "開庁日",
        description="at・every の日。毎日、開庁日、閉庁日、月・水・金、月末開庁日、第3開庁日、毎月10日、"
        "毎月10日(翌開庁日)、毎年3月15日(翌開庁日)。On which days.",
    )
    cron: str | None = Field(None, description='cron の 5 項目 "30 8 * * 1-5"。A cron line.')
    every: str | None = Field(
        None, description="間隔「30分」「2時間」。0 時から数える。Counted from midnight."
    )
    after: Name | None = Field(
        None, description="このジョブが無事に終わったあと。After another job succeeded."
    )
    on_file: bool = Field(False, description="受信フォルダーにファイルが届いたとき。When files have arrived.")
    on_queue: Queue | None = Field(None, description="待っている件数が増えたとき。When enough work waits.")

    @field_validator("at")
    @classmethod
    def _at_is_a_time(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for clock in value or ():
            checked(parse_clock, "scheduler.time_wrong", clock)
        return value

    @field_validator("days")
    @classmethod
    def _days_are_known(cls, value: str) -> str:
        return checked(parse_days, "scheduler.days_unknown", value)

    @field_validator("cron")
    @classmethod
    def _cron_is_readable(cls, value: str | None) -> str | None:
        return None if value is None else checked(parse_cron, "scheduler.cron_wrong", value)

    @field_validator("every")
    @classmethod
    def _every_is_an_interval(cls, value: str | None) -> str | None:
        return None if value is None else checked(parse_every, "scheduler.every_wrong", value)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if len(self.kinds) != 1:
            raise refuse(
                "scheduler.trigger_kinds", kinds=", ".join(KINDS), found=", ".join(self.kinds) or "-"
            )
        if "days" in self.model_fields_set and self.at is None and self.every is None:
            raise refuse("scheduler.days_alone", kind=self.kinds[0])
        return self

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are set; a valid trigger has exactly one."""
        return tuple(kind for kind in KINDS if getattr(self, kind))


class TimeSaved(Part):
    """What the work cost before, per item: the basis of the time-saved account (DESIGN section 7)."""

    business: Name = Field(description="報告書に出る業務名。")
    process: Name = Field(description="台帳の業務(帳票の process と同じ)。確認に使った時間をここから引く。")
    manual_minutes_per_item: float = Field(ge=0, description="導入前に 1 件あたり人が使っていた時間(分)。")
    preparation_minutes_per_run: float = Field(
        0.0, ge=0, description="1 回ごとの準備(スキャンなど)の時間(分)。"
    )
    measured_by: str = Field("", description="測った人または課。")
    measured_on: date | None = Field(None, description="測った日。")
    sample_size: int = Field(0, ge=0, description="測った件数。")
    assumption: bool = Field(
        False, description="true は「測っていない仮定」。報告書にもそう出る。Not measured."
    )
    note: str = Field("", description="根拠の説明。")

    @model_validator(mode="after")
    def _basis_is_told(self) -> Self:
        told = self.measured_by and self.measured_on and self.sample_size
        if not self.assumption and not told:
            raise refuse("scheduler.basis_missing")
        return self


class Job(Declaration):
    """One job."""

    job: Name = Field(description="ジョブの名前(英数字)。")
    title: Name = Field(description="画面に出る名前。")
    department: Name = Field(description="受け持つ部署(hakadori.yaml の departments の名前)。")
    read: Name | None = Field(None, description="読み取る受信フォルダー。Inbox to read.")
    forms: Literal["auto"] | tuple[Name, ...] = Field("auto", description="帳票を限るとき、その名前。")
    run: Name | None = Field(None, description="動かすロボット。Robot to run.")
    when: Annotated[tuple[Trigger, ...], BeforeValidator(many)] = Field(
        (), description="いつ動かすか。書かなければ人が動かすときだけ。"
    )
    window: str | None = Field(
        None, description="動いてよい時間帯「22:00-06:00」。終わりが来たら件の間で止まる。"
    )
    timeout: float = Field(120.0, gt=0, le=1440, description="1 回の最大時間(分)。超えたら強制終了。")
    retries: int = Field(0, ge=0, le=10, description="失敗したときにやり直す回数。")
    retry_minutes: float = Field(10.0, gt=0, description="やり直すまでの待ち時間(分)。回ごとに倍になる。")
    overlap: Literal["skip", "queue"] = Field(
        "skip",
        description="前の回がまだ動いているとき。skip はその回を飛ばす、queue は終わるのを待って動かす。"
        "When its own last run is not over.",
    )
    depends_on: Annotated[tuple[Name, ...], BeforeValidator(many)] = Field(
        (),
        description="これらのジョブの最新の回が無事に終わるまで、時刻が来ても待つ。"
        "Waits until these jobs are up to date and succeeded.",
    )
    parameters: dict[Parameter, str] = Field(
        default_factory=dict,
        description="ロボットへ渡す値。ロボットは ${parameter.名前} と書く。"
        "job run --set 名前=値 で一回だけ変えられる。Values for the robot.",
    )
    workers: int = Field(
        1,
        ge=1,
        le=9,
        description="並行して動かすプロセスの数。同じ台帳から一件ずつ分け合う。ロボットだけ。"
        "Processes side by side that share the items; robots only.",
    )
    queue: QueueName | None = Field(
        None,
        description="どのワーカーで動かすか(hakadori worker --queues 名前)。engine: procrastinate のときだけ。"
        "Queue of the workers that may carry it out.",
    )
    items_per_run: int = Field(
        0,
        ge=0,
        description="ロボットが一つのプロセスで扱う最大件数。超えたら新しいプロセスで続ける。0 は制限なし。"
        "Items per process of a robot; 0: no limit.",
    )
    memory_mb: int = Field(
        4096,
        ge=0,
        description="プロセスとその子が使ってよいメモリー(MB)。超えたら件の間で止まり、新しいプロセスで続ける。"
        "0 は制限なし。Memory of the process and its children; 0: no limit.",
    )
    missed: Literal["run_on_start", "skip"] = Field(
        "run_on_start", description="PC が止まっていて逃した回。起動時に一度動かす、または飛ばす。"
    )
    expects: Expectation | None = Field(
        None,
        description="いつまでにファイルが届くはずか。read のあるジョブだけ。By when files must have arrived.",
    )
    notify: Notify | None = Field(
        None,
        description="だれに何を知らせるか。書かなければ設定 notices の部署の宛先へ。Whom to tell about what.",
    )
    time_saved: TimeSaved | None = Field(None, description="削減時間の根拠。")

    @field_validator("run")
    @classmethod
    def _not_both(cls, value: str | None, info: Any) -> str | None:
        if value is not None and info.data.get("read") is not None:
            raise refuse("scheduler.read_and_run")
        return value

    @field_validator("parameters")
    @classmethod
    def _a_robot_takes_them(cls, value: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        if value and info.data.get("run", "") is None:
            raise refuse("scheduler.parameters_need_run")
        return value

    @field_validator("expects")
    @classmethod
    def _an_inbox_is_read(cls, value: Expectation | None, info: ValidationInfo) -> Expectation | None:
        if value is not None and info.data.get("read", "") is None:
            raise refuse("scheduler.expects_needs_read")
        return value

    @field_validator("window")
    @classmethod
    def _window_is_readable(cls, value: str | None) -> str | None:
        return None if value is None else checked(parse_window, "scheduler.window_wrong", value)

    @model_validator(mode="after")
    def _some_work(self) -> Self:
        if self.read is None and self.run is None:
            raise refuse("scheduler.read_or_run")
        if self.run is None and (self.workers > 1 or self.items_per_run):
            raise refuse("engine.workers_need_run")
        return self

    @property
    def kind(self) -> Literal["read", "run"]:
        """The task that carries it out."""
        return "read" if self.read is not None else "run"

    @property
    def follows(self) -> tuple[str, ...]:
        """The jobs after which this one is due."""
        return tuple(trigger.after for trigger in self.when if trigger.after)

    @property
    def on_file(self) -> bool:
        """Whether arriving files make it due."""
        return any(trigger.on_file for trigger in self.when)
