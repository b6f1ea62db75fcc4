"""Composes the sample survey of working hours (業務棚卸) of はかどり市: nothing in it was measured anywhere.

Its frame is that of a real town's published survey: 1,503 thousand hours a year, of which 33.59 % are common work
(counters 15.95 %, documents 8.15 %, meetings 5.05 %, inquiries 4.44 %). The other 66.41 %, the departments, businesses,
kinds of task, media and numbers of items are invented. Hours are spread by weight in tenths of an hour, what rounding
leaves goes to the largest remainders, so that every category has exactly its share.

python -m samples.workload.make_survey            writes survey.csv (UTF-8 with BOM, as Excel saves it)
python -m samples.workload.make_survey --check    says whether the file here is what this program makes
"""

import csv
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from io import StringIO
from pathlib import Path
from random import Random

SURVEY = Path(__file__).with_name("survey.csv")
SEED = 20261121
WHOLE = Decimal(1_503_000)
COMMON, OWN = "共通業務", "個別業務"
SHARES = {
    (COMMON, "窓口"): "15.95", (COMMON, "文書"): "8.15", (COMMON, "会議"): "5.05", (COMMON, "問合せ"): "4.44",
    (OWN, "税・債権"): "14.20", (OWN, "福祉・保健"): "20.10", (OWN, "子ども・教育"): "12.40",
    (OWN, "まち・環境"): "11.31", (OWN, "行政運営"): "8.40",
}  # fmt: skip
"""Category → percent of all hours. The four of common work are the town's; the five others are ours and make 66.41."""
HEADINGS = ("所属", "大分類", "分類", "業務名", "作業の種類", "年間時間", "年間件数", "媒体")


@dataclass(frozen=True)
class Task:
    """A line before its hours are known.

    Attributes:
        category: (group, category).
        business: 業務名.
        kind: 作業の種類.
        weight: How many of the category's hours it takes, against the others.
        per_hour: Items an hour; 0 leaves the number of items empty.
        medium: 紙, システム, 両方 or なし.
    """

    category: tuple[str, str]
    business: str
    kind: str
    weight: float
    per_hour: float
    medium: str


def common(counter: float) -> list[Task]:
    """Return the common work of a department; `counter` is how much of it stands at the counter."""
    return [
        *([Task((COMMON, "窓口"), "窓口の受付", "受付", 6 * counter, 5, "両方"),
           Task((COMMON, "窓口"), "窓口の案内・相談", "相談", 5 * counter, 0, "なし")] if counter else []),
        Task((COMMON, "文書"), "文書の収受・登録", "入力", 3, 12, "両方"),
        Task((COMMON, "文書"), "起案と決裁の書類", "書類作成", 4, 2, "システム"),
        Task((COMMON, "文書"), "庁内照会の集計", "集計", 1.5, 0.5, "システム"),
        Task((COMMON, "会議"), "会議・打合せ", "会議", 4, 0, "なし"),
        Task((COMMON, "会議"), "会議録の作成", "書類作成", 1, 0.3, "システム"),
        Task((COMMON, "問合せ"), "電話・メールの問合せ", "相談", 4, 0, "なし"),
        Task((COMMON, "問合せ"), "問合せの記録", "入力", 1, 10, "システム"),
    ]  # fmt: skip


def own(category: str, *tasks: tuple[str, str, float, float, str]) -> list[Task]:
    """Return a department's own work in one category: (business, kind, weight, items an hour, medium)."""
    return [Task((OWN, category), *task) for task in tasks]


TAX, CARE, CHILD, TOWN, RUN = "税・債権", "福祉・保健", "子ども・教育", "まち・環境", "行政運営"
DEPARTMENTS: dict[str, tuple[float, float, list[Task]]] = {
    "納税課": (1.2, 0.8, own(
        TAX, ("市税等口座振替依頼書の入力", "入力", 4, 12, "両方"), ("収納消込", "照合", 6, 30, "システム"),
        ("滞納整理", "調整", 9, 0, "両方"), ("督促状の発送", "通知", 3, 40, "両方"),
        ("還付の審査", "審査", 3, 3, "両方"))),
    "市民税課": (1.3, 0.9, own(
        TAX, ("給与所得者異動届出書の入力", "入力", 6, 10, "両方"), ("給与支払報告書の入力", "入力", 8, 15, "両方"),
        ("ワンストップ特例申請の入力", "入力", 3, 15, "紙"), ("申告書の審査", "審査", 9, 4, "両方"),
        ("軽自動車税の異動", "転記", 3, 12, "両方"))),
    "資産税課": (1.2, 0.6, own(
        TAX, ("家屋の現地調査", "現場", 8, 0.5, "なし"), ("登記済通知の入力", "入力", 5, 10, "両方"),
        ("償却資産申告の入力", "入力", 4, 8, "紙"), ("課税台帳の照合", "照合", 4, 20, "システム"))),
    "福祉課": (1.5, 1.2, own(
        CARE, ("生活相談", "相談", 12, 0, "なし"), ("手当の審査", "審査", 6, 2, "両方"),
        ("手当申請書の入力", "入力", 4, 8, "両方"), ("受給者証の発送", "通知", 3, 25, "両方"))),
    "障害福祉課": (1.2, 1.0, own(
        CARE, ("サービス利用の相談", "相談", 8, 0, "なし"), ("支給決定の審査", "審査", 6, 1.5, "両方"),
        ("請求データの照合", "照合", 4, 25, "システム"), ("更新申請書の入力", "入力", 3, 8, "紙"))),
    "介護保険課": (1.3, 1.0, own(
        CARE, ("要介護認定の申請の入力", "入力", 5, 8, "両方"), ("認定調査", "現場", 10, 0.5, "紙"),
        ("主治医意見書の点検", "確認", 4, 4, "紙"), ("認定結果の通知", "通知", 3, 20, "両方"))),
    "保険年金課": (1.4, 1.5, own(
        CARE, ("資格異動の入力", "入力", 7, 12, "両方"), ("高額療養費の照合", "照合", 4, 15, "システム"),
        ("保険証の発送", "通知", 3, 40, "両方"), ("給付の審査", "審査", 5, 3, "両方"))),
    "健康課": (1.1, 0.8, own(
        CARE, ("予防接種予診票の入力", "入力", 5, 20, "両方"), ("健診結果の入力", "入力", 4, 15, "両方"),
        ("保健指導", "相談", 9, 0, "なし"), ("受診勧奨の通知", "通知", 2, 40, "システム"))),
    "子育て支援課": (1.1, 1.1, own(
        CHILD, ("児童手当現況届の入力", "入力", 5, 12, "両方"), ("家庭への相談", "相談", 8, 0, "なし"),
        ("手当の審査", "審査", 4, 3, "両方"))),
    "保育課": (1.2, 0.9, own(
        CHILD, ("保育所入所申込の入力", "入力", 5, 6, "両方"), ("入所の調整", "調整", 6, 0, "両方"),
        ("保育料の照合", "照合", 3, 20, "システム"), ("変更届の転記", "転記", 3, 10, "紙"))),
    "教育総務課": (0.8, 0.2, own(
        CHILD, ("学校施設の点検", "現場", 5, 0, "なし"), ("備品台帳の入力", "入力", 2, 15, "システム"))),
    "学校教育課": (1.2, 0.4, own(
        CHILD, ("就学援助の審査", "審査", 4, 3, "両方"), ("就学援助申請の入力", "入力", 3, 8, "紙"),
        ("学校からの報告の集計", "集計", 4, 1, "システム"), ("教育相談", "相談", 7, 0, "なし"))),
    "市民課": (1.6, 3.0, own(
        RUN, ("住民異動届の入力", "入力", 5, 10, "両方"), ("証明書交付の申請の入力", "入力", 4, 20, "両方"),
        ("戸籍の審査", "審査", 5, 2, "両方"))),
    "環境課": (1.0, 0.5, own(
        TOWN, ("ごみ収集の現場", "現場", 10, 0, "なし"), ("許可申請の審査", "審査", 3, 2, "両方"),
        ("し尿くみ取り券の集計", "集計", 1.5, 20, "紙"))),
    "建設課": (1.3, 0.3, own(
        TOWN, ("道路の巡回", "現場", 9, 0, "なし"), ("占用許可の審査", "審査", 3, 2, "両方"),
        ("工事台帳の入力", "入力", 2, 6, "システム"))),
    "都市計画課": (1.0, 0.5, own(
        TOWN, ("開発の協議", "調整", 6, 0, "両方"), ("建築確認の受付簿の入力", "入力", 2, 10, "両方"),
        ("用途地域の照会の回答", "書類作成", 2, 3, "システム"))),
    "上下水道課": (1.1, 0.7, own(
        TOWN, ("使用開始・中止の届の入力", "入力", 4, 15, "両方"), ("検針データの照合", "照合", 3, 60, "システム"),
        ("漏水の現場", "現場", 5, 0, "なし"), ("料金の督促", "通知", 2, 40, "両方"))),
    "総務課": (1.0, 0.2, own(
        RUN, ("例規の改正", "調整", 4, 0, "システム"), ("人事給与の入力", "入力", 3, 10, "システム"),
        ("出勤簿・休暇届の転記", "転記", 3, 15, "紙"))),
    "財政課": (0.7, 0.0, own(
        RUN, ("予算要求の集計", "集計", 4, 1, "システム"), ("予算の査定", "調整", 5, 0, "両方"))),
    "会計課": (0.7, 0.3, own(
        RUN, ("請求書の確認", "確認", 5, 12, "紙"), ("支払データの照合", "照合", 4, 40, "システム"),
        ("口座情報の入力", "入力", 2, 12, "紙"))),
}  # fmt: skip
"""Department → (size, how much it stands at the counter, its own work)."""


def rows() -> Iterator[list[str]]:
    """Yield the rows of the file: headings, lines by department, the total."""
    yield list(HEADINGS)
    lines = [
        (name, task)
        for name, (_, counter, tasks) in DEPARTMENTS.items()
        for task in (*common(counter), *tasks)
    ]
    dice = Random(SEED)
    weights = [task.weight * DEPARTMENTS[name][0] * dice.uniform(0.85, 1.15) for name, task in lines]
    hours = _spread(lines, weights)
    for (name, task), own_hours in zip(lines, hours, strict=True):
        volume = str(round(float(own_hours) * task.per_hour)) if task.per_hour else ""
        yield [name, *task.category, task.business, task.kind, f"{own_hours:.1f}", volume, task.medium]
    yield ["合計", "", "", "", "", f"{sum(hours):.1f}", "", ""]


def _spread(lines: Sequence[tuple[str, Task]], weights: Sequence[float]) -> list[Decimal]:
    """Spread the hours of every category over its lines by weight, in tenths of an hour, without a remainder."""
    hours = [Decimal(0)] * len(lines)
    for category, share in SHARES.items():
        mine = [n for n, (_, task) in enumerate(lines) if task.category == category]
        tenths = WHOLE * Decimal(share) / 10
        heavy = sum(weights[n] for n in mine)
        exact = {n: tenths * Decimal(f"{weights[n] / heavy:.12f}") for n in mine}
        whole = {n: value.quantize(Decimal(1), ROUND_FLOOR) for n, value in exact.items()}
        missing = int(tenths - sum(whole.values()))
        for n in sorted(mine, key=lambda n: whole[n] - exact[n])[:missing]:
            whole[n] += 1
        for n in mine:
            hours[n] = whole[n] / 10
    return hours


def content() -> bytes:
    """Return the file as it is written."""
    made = StringIO(newline="")
    csv.writer(made, lineterminator="\n").writerows(rows())
    return made.getvalue().encode("utf-8-sig")


if __name__ == "__main__":
    if "--check" in sys.argv[1:]:
        sys.exit(0 if SURVEY.read_bytes() == content() else "survey.csv is not what this program makes")
    SURVEY.write_bytes(content())
