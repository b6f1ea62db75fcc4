"""The settings of one installation: read once from `configs/hakadori.yaml`, typed, frozen, passed in.

Every key has a default and a description. An environment variable may lay over a key:
`HAKADORI_WEB__PORT=8701` sets `web: port`, `HAKADORI_TARGETS__TOWNOFFICE=http://…` the target `townoffice`.
"""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from pydantic import Field, IPvAnyNetwork, ValidationInfo, field_validator, model_validator

from backoffice.declarations import Declaration, Part, parse, refuse
from backoffice.errors import DeclarationError, SettingsError
from backoffice.settings_engine import EngineSettings, without_password
from backoffice.settings_inbox import RECEIPTS_FOLDER, DepartmentInbox, check_departments, check_places
from backoffice.settings_notices import NoticeSettings
from backoffice.settings_operations import DiskSettings, KeepingSettings, MonitorSettings
from backoffice.suggest import did_you_mean, nearest
from backoffice.yaml_source import Source, read_yaml

PREFIX = "HAKADORI_"
_NOT_SETTINGS = {"LANGUAGE", "BROWSER", "VAR", "CONFIGS"}
FOLDERS = (
    "inbox", "work", "failed", "quarantine", "receipts", "originals", "crops", "evidence", "outbox", "logs", "locks",
    "spool", "models",
)  # fmt: skip

MonthDay = Annotated[str, Field(pattern=r"^\d\d-\d\d$")]


class CalendarSettings(Part):
    """Closed and open days of the office, beside Saturdays, Sundays and national holidays."""

    year_end: tuple[MonthDay, MonthDay] = Field(
        ("12-29", "01-03"), description="年末年始の閉庁期間(条例で定める)。First and last closed day, MM-DD."
    )
    closed: tuple[date, ...] = Field((), description="町独自の閉庁日。Further closed days.")
    open: tuple[date, ...] = Field((), description="休日だが開庁する日。Days open in spite of all.")


class InboxSettings(Part):
    """How watched folders are emptied, and what is too large."""

    poll_seconds: float = Field(5.0, gt=0, description="受信フォルダーを見に行く間隔(秒)。")
    stable_seconds: float = Field(
        3.0, ge=0, description="大きさと時刻が変わらない時間。これより短い間は待つ。"
    )
    give_up_hours: float = Field(
        6.0, gt=0, description="壊れたままのファイルを待つ時間。過ぎたら failed へ。"
    )
    duplicates: Literal["refuse", "accept"] = Field(
        "refuse", description="同じ中身のファイルが再び来たとき。"
    )
    max_pages: int = Field(500, gt=0, description="1 ファイルの最大ページ数。")
    max_megapixels: float = Field(160.0, gt=0, description="1 ページの最大画素数(百万画素)。")
    max_megabytes: float = Field(200.0, gt=0, description="1 ファイルの最大の大きさ(MB)。")


class OcrSettings(Part):
    """How readings are judged."""

    limit: float = Field(
        0.001, gt=0, lt=0.5, description="項目ごとに許す誤りの割合。予想がこれを超える項目は人が確かめる。"
    )
    threads: int = Field(0, ge=0, description="読み取りに使う CPU コア数。0 は全部。")
    pages_per_run: int = Field(
        1000,
        ge=1,
        description="一つのプロセスが読むページ数。超えたら新しいプロセスで続きを読む(メモリーを返すため)。",
    )


class BrowserSettings(Part):
    """The browser that robots drive."""

    channel: str | None = Field(None, description="msedge, chrome など。空なら見つかったものを使う。")
    executable: Path | None = Field(None, description="ブラウザーの実行ファイル。channel より優先。")
    headless: bool = Field(True, description="画面を出さずに動かす。")
    timeout_seconds: float = Field(15.0, gt=0, description="一つの操作を待つ最大時間(秒)。")


class MailSettings(Part):
    """The mail server that robots and reports send through (SMTP)."""

    host: str = Field(
        "", description="メールサーバー(SMTP)。空なら送らない。The mail server; empty: no mail."
    )
    port: int = Field(25, ge=1, le=65535, description="ポート。多くは 25、587(starttls)、465(tls)。Its port.")
    security: Literal["none", "starttls", "tls"] = Field(
        "none", description="暗号化。none は庁内の中継サーバーだけに。How the connection is encrypted."
    )
    user: str = Field("", description="利用者名。空ならログインしない。The user; empty: no login.")
    secret: str = Field(
        "", description="パスワードの秘密の名前。The name of the secret that holds the password."
    )
    sender: str = Field("", description="差出人のアドレス。The sender's address.")
    timeout_seconds: float = Field(30.0, gt=0, le=600, description="応答を待つ最大時間(秒)。")


class EvidenceSettings(Part):
    """What robots keep as evidence, and for how long."""

    pictures: Literal["always", "failures", "never"] = Field(
        "always",
        description="画面の写し。always は登録の前後と失敗、failures は失敗だけ。Pictures that are kept.",
    )
    trace: Literal["never", "failures", "always"] = Field(
        "never",
        description="Playwright の記録(調査用)。クッキー・本文・個人情報を除いて残す。Traces, made harmless.",
    )
    days: int = Field(365, gt=0, description="証跡を残す日数。Days for which evidence is kept.")
    megabytes: int = Field(
        20_000,
        gt=0,
        description="証跡全体の最大の大きさ(MB)。超えたら古い実行から消す。Oldest runs go first.",
    )


class RobotSettings(Part):
    """What robots may do on their own."""

    require_approval: bool = Field(
        False,
        description="true: 承認された版のロボットだけを予定の仕事で動かす。Scheduled jobs run approved robots only.",
    )


class WebSettings(Part):
    """The console's address and sessions."""

    host: str = Field("127.0.0.1", description="待ち受けるアドレス。")
    port: int = Field(8700, ge=0, le=65535, description="待ち受けるポート。")
    session_minutes: int = Field(60, gt=0, description="操作がないとき自動でログアウトするまでの時間(分)。")
    session_hours: int = Field(
        12, gt=0, description="操作していても、ログインし直すまでの最長の時間(時間)。Longest session."
    )
    sign_in: Literal["password", "proxy"] = Field(
        "password",
        description="ログインの方法。proxy は前段の認証サーバーに任せる。Who signs people in: we, or a proxy.",
    )
    proxy_header: str = Field(
        "X-Remote-User",
        pattern=r"^[A-Za-z0-9-]+$",
        description="認証サーバーが利用者名を入れるヘッダー。Header in which the proxy names the person.",
    )
    trusted_proxies: tuple[IPvAnyNetwork, ...] = Field(
        (),
        description="信頼する前段サーバーのアドレス。ほかから来たヘッダーは信じない。Proxies that are believed.",
    )
    requests_per_minute: int = Field(
        6000,
        ge=60,
        description="一人または一つのシステムが 1 分に送れる要求の数。Requests of one person or system.",
    )
    idle_seconds: float = Field(
        60.0, gt=0, description="確認画面で、この秒数を超えた無操作は作業時間に数えない。"
    )


class Settings(Declaration):
    """Everything an installation may choose."""

    town: str = Field("はかどり市", description="自治体の名前。画面と帳票に出る。")
    language: Literal["ja", "en"] = Field("ja", description="画面とメッセージの言語。")
    timezone: str = Field("Asia/Tokyo", description="予定の時刻の時間帯。")
    var: Path = Field(Path("var"), description="作業フォルダー。受信箱、原本、記録、データベースが入る。")
    database: str = Field(
        "",
        description="データベースの URL。空なら作業フォルダーの SQLite。"
        "PostgreSQL は postgresql+psycopg://利用者@サーバー/名前 と書き、パスワードは"
        " hakadori secret set database_password で入れる。URL of the database, without a password.",
    )
    engine: EngineSettings = Field(EngineSettings(), description="ジョブを動かす仕組み。What runs the jobs.")
    departments: dict[str, str] = Field(
        default_factory=dict, description="受信フォルダー名と部署名。例 nouzei: 納税課"
    )
    targets: dict[str, str] = Field(
        default_factory=dict, description="ロボットが操作するシステムの名前と URL。"
    )
    folders: dict[str, Path] = Field(
        default_factory=dict,
        description="ロボットが読み書きしてよいフォルダーの名前と場所。ロボットは ${folder.名前} と書く。"
        " Folders that robots may read and write.",
    )
    mail: MailSettings = Field(MailSettings(), description="メールの送信。Sending mail.")
    notices: NoticeSettings = Field(NoticeSettings(), description="ジョブからの通知。Notices of jobs.")
    calendar: CalendarSettings = Field(CalendarSettings(), description="閉庁日。")
    inbox: InboxSettings = Field(InboxSettings(), description="受信フォルダー。")
    inboxes: dict[str, DepartmentInbox] = Field(
        default_factory=dict,
        description="部署ごとの受信フォルダー。書かない部署は var/inbox/<名前>。 Watched folders by department.",
    )
    ocr: OcrSettings = Field(OcrSettings(), description="読み取り。")
    browser: BrowserSettings = Field(BrowserSettings(), description="ブラウザー。")
    robots: RobotSettings = Field(RobotSettings(), description="ロボット。Robots.")
    evidence: EvidenceSettings = Field(EvidenceSettings(), description="ロボットの証跡。Evidence of robots.")
    web: WebSettings = Field(WebSettings(), description="画面。")
    keeping: KeepingSettings = Field(
        KeepingSettings(), description="保存期間と毎日の片付け。How long things are kept."
    )
    disk: DiskSettings = Field(DiskSettings(), description="ディスクの空き。Free disk.")
    monitor: MonitorSettings = Field(MonitorSettings(), description="監視。Watching from outside.")
    log_days: int = Field(180, gt=0, description="ログを残す日数。")

    @field_validator("database")
    @classmethod
    def _no_password_in_the_url(cls, value: str) -> str:
        return without_password(value)

    @model_validator(mode="after")
    def _inboxes_fit(self) -> Self:
        check_departments(self.inboxes, self.departments)
        own = {name: inbox.folder for name, inbox in self.inboxes.items() if inbox.folder is not None}
        check_places(own, [self.var / name for name in FOLDERS])
        return self

    def inbox_of(self, department: str) -> DepartmentInbox:
        """Return what is set for a department's watched folder."""
        return self.inboxes.get(department, DepartmentInbox())

    def inbox_folder(self, department: str) -> Path:
        """Return a department's watched folder; one in the working folder is created when it is missing."""
        own = self.inbox_of(department).folder
        if own is not None:
            return own
        folder = self.folder("inbox") / department
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def receipts_folder(self, department: str) -> Path:
        """Return where a department finds its receipts: beside its scans, or in the working folder."""
        own = self.inbox_of(department).folder
        return self.folder("receipts") / department if own is None else own / RECEIPTS_FOLDER

    def duplicates_of(self, department: str) -> Literal["refuse", "accept"]:
        """Return what is done with a content that a department sends again."""
        return self.inbox_of(department).duplicates or self.inbox.duplicates

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        if value not in available_timezones():
            hint = did_you_mean(value, available_timezones()) if nearest(value, available_timezones()) else ""
            raise refuse("backoffice.timezone_unknown", value=value, hint=hint)
        return value

    @field_validator("notices")
    @classmethod
    def _notices_go_to_departments(cls, value: NoticeSettings, info: ValidationInfo) -> NoticeSettings:
        known = info.data.get("departments", {})
        for name in value.mail:
            if name not in known:
                raise refuse("notices.department_unknown", name=name, hint=did_you_mean(name, known))
        return value

    @property
    def database_url(self) -> str:
        """The database in force: the one set, else SQLite in the working folder."""
        return self.database or f"sqlite:///{(self.var / 'hakadori.db').as_posix()}"

    def folder(self, name: str) -> Path:
        """Return a working folder by its name and create it when it is missing.

        Raises:
            KeyError: For a name that is not in FOLDERS.
        """
        if name not in FOLDERS:
            raise KeyError(name)
        path = self.var / name
        path.mkdir(parents=True, exist_ok=True)
        return path


def load_settings(
    configs: Path, *, var: Path | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Read `configs/hakadori.yaml`, lay environment variables over it, and check it.

    Args:
        configs: The folder of declarations.
        var: A working folder that takes the place of the one in the file. A relative `var` in the file counts
            from the folder that holds `configs`.
        environ: Environment; the process's own by default.

    Raises:
        DeclarationError: The file is missing or wrong.
        SettingsError: An environment variable names no setting.
    """
    data, source = read_yaml(configs / "hakadori.yaml")
    data = {} if data is None else data
    if not isinstance(data, dict):
        raise DeclarationError.single("backoffice.yaml_not_mapping", source.locate())
    _overlay(data, os.environ if environ is None else environ)
    home = configs.resolve().parent
    data["var"] = str(var.resolve() if var else home / str(data.get("var", "var")))
    if isinstance(data.get("folders"), dict):
        data["folders"] = {name: str(home / str(place)) for name, place in data["folders"].items()}
    for inbox in (data.get("inboxes") or {}).values() if isinstance(data.get("inboxes"), dict) else ():
        if isinstance(inbox, dict) and inbox.get("folder"):
            inbox["folder"] = str(home / str(inbox["folder"]))
    if isinstance(data.get("keeping"), dict) and data["keeping"].get("backup_folder"):
        data["keeping"]["backup_folder"] = str(home / str(data["keeping"]["backup_folder"]))
    return parse(data, source, Settings)


def _overlay(data: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, value in environ.items():
        stem = name.removeprefix(PREFIX)
        if stem == name or stem in _NOT_SETTINGS or stem.startswith("SECRET_"):
            continue
        path = stem.lower().split("__")
        if path[0] not in Settings.model_fields:
            raise SettingsError("backoffice.environment_unknown", where=name, name=name)
        inner = data
        for step in path[:-1]:
            if not isinstance(inner.get(step), dict):
                inner[step] = {}
            inner = inner[step]
        inner[path[-1]] = value


def builtin_settings(var: Path) -> Settings:
    """Return the defaults with a working folder: for tests and for tools that need no configuration."""
    source = Source(Path("defaults"), "", "", None)
    return parse({"var": str(var)}, source, Settings)
