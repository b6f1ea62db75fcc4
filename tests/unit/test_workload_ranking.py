"""Shares that add up, and a ranking whose every factor is open."""

from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from backoffice.errors import DeclarationError
from scheduler.workload.ranking import Missing, rank, volume_factor
from scheduler.workload.reasons import changes, reasons
from scheduler.workload.rules import HALF_VOLUME, ROUTINE, WorkloadRules, load_rules
from scheduler.workload.shares import shares
from scheduler.workload.survey import Medium, SurveyLine

ROOT = Path(__file__).parents[2]
RULES = WorkloadRules(routine={"入力": 0.9, "審査": 0.3}, half_volume=100)


def line(business: str, kind: str, hours: str, volume: int | None, **more: object) -> SurveyLine:
    told = {
        "row": 1,
        "department": "納税課",
        "category": "窓口",
        "medium": Medium.PAPER,
        "routine": None,
        **more,
    }
    return SurveyLine(business=business, task_kind=kind, hours=Decimal(hours), volume=volume, **told)  # type: ignore[arg-type]


def test_three_thirds_make_a_hundred() -> None:
    assert shares([Decimal(1)] * 3) == [Decimal("33.34"), Decimal("33.33"), Decimal("33.33")]
    assert shares([Decimal(0), Decimal(0)]) == [0, 0]
    assert shares([]) == []


def test_shares_always_make_exactly_a_hundred_and_stray_by_less_than_a_unit() -> None:
    dice = Random(7)
    for _ in range(200):
        parts = [Decimal(dice.randrange(0, 10**7)) / 1000 for _ in range(dice.randint(1, 40))]
        found = shares(parts)
        assert sum(found) == 100
        whole = sum(parts)
        assert all(
            abs(share - part * 100 / whole) < Decimal("0.01")
            for share, part in zip(found, parts, strict=True)
        )


def test_the_score_is_hours_times_routine_times_volume() -> None:
    """400 h × 0.9 × 300/400 = 270; 500 h × 0.3 × 900/1000 = 135; 100 h × 0.9 × 100/200 = 45."""
    lines = [
        line("小口", "入力", "100", 100),
        line("還付", "審査", "500", 900),
        line("口座", "入力", "400", 300),
    ]
    found = rank(lines, RULES)
    assert [(one.rank, one.work.business) for one in found.candidates] == [
        (1, "口座"),
        (2, "還付"),
        (3, "小口"),
    ]
    assert [one.score for one in found.candidates] == pytest.approx([270.0, 135.0, 45.0])
    assert found.candidates[0].volume_factor == 0.75


def test_the_same_business_of_several_departments_is_one_candidate() -> None:
    lines = [
        line("照会", "入力", "30", 20, department="総務課"),
        line("照会", "入力", "70", None, department="市民課", medium=Medium.SYSTEM),
        line("照会", "審査", "10", 20),
    ]
    first, second = rank(lines, RULES).candidates
    assert (first.work.departments, first.work.hours, first.work.volume) == (("総務課", "市民課"), 100, 20)
    assert (first.work.unknown_volume, first.work.way) == (("市民課",), Medium.BOTH)
    assert second.work.task_kind == "審査"


def test_what_misses_a_factor_is_listed_with_it_and_not_ranked() -> None:
    lines = [
        line("会議", "入力", "900", 5, medium=Medium.NONE),
        line("巡回", "散歩", "50", 10),
        line("滞納", "入力", "70", None),
    ]
    found = rank(lines, RULES)
    assert found.candidates == ()
    assert [(work.business, why) for work, why in found.unranked] == [
        ("滞納", Missing.VOLUME), ("巡回", Missing.ROUTINE), ("会議", Missing.MEDIUM)
    ]  # fmt: skip


def test_a_surveyed_routine_goes_before_the_rules_and_is_weighted_by_hours() -> None:
    lines = [
        line("口座", "入力", "300", 100, routine=0.5),
        line("口座", "入力", "100", 100, routine=0.9, department="市民課"),
    ]
    [found] = rank(lines, RULES).candidates
    assert found.routine == pytest.approx(0.6)
    assert found.work.routine_surveyed


def test_every_factor_says_what_would_move_it() -> None:
    """Halving the volume of 口座: 150/250 = 0.6 → 216; routine 0.7 → 210; half the hours → 135, a shared place 2."""
    lines = [line("還付", "審査", "500", 900), line("口座", "入力", "400", 300)]
    first, second = rank(lines, RULES).candidates
    assert [(c.factor, round(c.score, 6), c.rank) for c in first.changes] == [
        ("routine", 210.0, 1), ("volume", 216.0, 1), ("hours", 135.0, 1)
    ]  # fmt: skip
    assert second.rank == 2
    lower = rank([*lines, line("小口", "入力", "200", 10**6)], RULES).candidates[0]
    assert [(c.factor, c.rank) for c in lower.changes] == [("routine", 1), ("volume", 1), ("hours", 2)]


def test_the_reasons_say_each_factor_and_its_source() -> None:
    found = rank([line("口座", "入力", "400", 300)], RULES)
    assert reasons(found.candidates[0], found, "ja") == [
        "目安 270.0 h/年 = 時間 400.0 × 定型度 0.90 × 件数の係数 0.75",
        "時間 400.0 h/年: 調査の値(1 所属の合計: 納税課)",
        "定型度 0.90: 作業の種類「入力」の見込み(測定ではない。configs/workload.yaml で変えられる)",
        "件数の係数 0.75: 300 ÷(300 + 100)。件数は調査の値、100 件で 0.5",
        "1 件あたり 80.0 分",
        "手段: 紙なので、様式を読みます(hakadori form propose 白紙.pdf)。",
    ]
    assert changes(found.candidates[0], "ja")[0] == "もし判断が多く定型度が 0.70 なら: 目安 210.0 h、1 位"


def test_volume_counts_one_half_at_half_volume_and_never_more_than_one() -> None:
    assert [volume_factor(volume, 240) for volume in (0, 240, 720)] == [0, 0.5, 0.75]


def test_the_shipped_rules_are_those_of_a_town_that_wrote_none(tmp_path: Path) -> None:
    shipped, usual = load_rules(ROOT / "configs"), load_rules(tmp_path)
    assert shipped.routine == usual.routine == ROUTINE
    assert shipped.half_volume == usual.half_volume == HALF_VOLUME


def test_rules_beyond_one_are_refused_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "workload.yaml").write_text("routine:\n  入力: 95\n", encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        load_rules(tmp_path)
    assert "workload.yaml:2:" in caught.value.where
