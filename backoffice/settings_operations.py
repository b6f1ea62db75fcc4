"""The settings of running an installation for years: how long things are kept, free disk, and who may watch it."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from backoffice.declarations import Part

ClockTime = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
EVERYTHING = "all"
"""In `keeping: hold`: nothing of any department or process is erased."""


class KeepingSettings(Part):
    """How long things are kept, and the daily upkeep that ends it. 0 days: kept until the town says otherwise."""

    document_days: int = Field(
        0,
        ge=0,
        description="書類の原本・画像・読み取り値と、完了したレコードを残す日数(終わった日から)。0 は消さない。"
        " Days for which originals, pictures and values of finished documents and records are kept. 0: for ever.",
    )
    failed_days: int = Field(
        0,
        ge=0,
        description="読み取れなかったファイル(failed)を残す日数。0 は消さない。 Days for which refused files are kept.",
    )
    outbox_days: int = Field(
        0,
        ge=0,
        description="ロボットが作った・受け取ったファイル(outbox)を残す日数。0 は消さない。"
        " Days for which files made or downloaded by robots are kept.",
    )
    notice_days: int = Field(
        365,
        ge=30,
        description="送った通知の記録を残す日数(30 日以上)。 Days for which notices that were sent are remembered.",
    )
    log_megabytes: int = Field(
        2_000,
        gt=0,
        description="ログ全体の最大の大きさ(MB)。超えたら古いものから消す。 Oldest logs go first.",
    )
    hold: tuple[str, ...] = Field(
        (),
        description="保全。ここに書いた部署または業務の書類とレコードは、日数が過ぎても消さない。all は全部。"
        " Departments or processes whose documents and records stay whatever the days say (legal hold).",
    )
    upkeep_at: ClockTime = Field(
        "12:30",
        description="保存期間の過ぎたものを毎日片付ける時刻(サービスの中で)。 When the daily upkeep runs.",
    )
    backup_folder: Path | None = Field(
        None,
        description="毎日の片付けのあとにバックアップを書くフォルダー。空なら書かない。別のディスクにする。"
        " Where the upkeep writes a backup every day; another disk is best. Empty: none.",
    )
    backups: int = Field(
        7, ge=1, description="そのフォルダーに残すバックアップの数。 How many of these backups are kept."
    )
    backup_evidence: bool = Field(
        False, description="毎日のバックアップにロボットの証跡も入れる。 Daily backups hold the evidence too."
    )


class DiskSettings(Part):
    """What is too little free disk in the working folder."""

    warn_gb: float = Field(
        5.0,
        gt=0,
        description="空きがこれより少ないと警告する(GB)。一晩 2,000 枚で約 2 GB 増える。"
        " Below this much free space people are warned.",
    )
    stop_gb: float = Field(
        1.0,
        gt=0,
        description="空きがこれより少ないと、新しいファイルも案件も取らない(GB)。途中で壊れるより待つ。"
        " Below this nothing new is begun: waiting is better than breaking in the middle.",
    )


class MonitorSettings(Part):
    """Who may read `/metrics`; `/health` answers everybody and says nothing but well or not."""

    metrics: bool = Field(True, description="Prometheus の /metrics を出す。 Serve /metrics.")
    secret: str = Field(
        "",
        description="ほかの PC から /metrics を読むための合い言葉(Bearer)の秘密の名前。空ならこの PC からだけ。"
        " Name of the secret that another PC must send as a bearer token. Empty: this PC only.",
    )
