"""The time saved in a month of real bookings (`month_of_work.py`) is what a pocket calculator says.

By hand, from PLAN; minutes = items × minutes each − review − preparation − rework:

    口座振替          21 open days × 2 = 42 × 4    = 168 − 31.5                = 136.5
    異動届            13 runs × 3     = 39 × 5    = 195 − 19.5 − 26 (13 × 2)   = 149.5
    収納消込          5 Thursdays × 5 = 25 × 0.96 =  24 − 243                  = −219
    ワンストップ特例   once 10         = 10 × 3    =  30 − 10                   =   20
    予診票            13 of 26 runs   = 13 × 3    =  39 − 13 (idle runs: 0)    =   26
    保育所入所        last open day   =  8 × 12   =  96 − 12 − 30 (rework)     =   54
    要介護認定        3rd open day    =  6 × 10   =  60 − 12 − 5               =   43
    受給者証          after 要介護     =  6 × 2.5                               =   15
    給与支払報告書     4 Tuesdays × 2  = 4 × 6 + 4 × 4.5 = 42 − 2               =   40
    住民異動          4 Mondays, 2 of 3 done = 8 × 7 = 56 − 4                  =   52
    証明書交付        4 Fridays × 2   =  8 × 8                                 =   64
    庁内照会          10th open day   = 15 × 20   = 300 − 45 − 30              =  225
    all together                       188         1089 − 379 − 74 − 30       =  606
"""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from month_of_work import PLAN, Month

from backoffice.runs import RunState
from console import cli
from scheduler.baselines import baselines
from scheduler.forecast import Standing, forecast
from scheduler.reports import Line, period, report

APRIL = period("2026-04", "2026-04")
SETTINGS = """\
town: はかどり市
departments:
  {nouzei: 納税課, shiminzei: 市民税課, kenkou: 健康課, hoiku: 保育課, kaigo: 介護保険課, shimin: 市民課, soumu: 総務課}
"""


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    passed = Month(tmp_path_factory.mktemp("month"))
    passed.pass_by()
    return passed


def minutes(line: Line) -> float:
    return round(line.sums.saved * 60, 6)


def test_every_job_ran_as_often_as_the_calendar_says(month: Month) -> None:
    done = Counter(run.job for run in month.ended if run.state is RunState.DONE)
    assert done == {
        "kouza": 21, "idou": 13, "shuunou": 5, "onestop": 1, "yobou": 26, "hoiku": 1,
        "kaigo": 1, "jukyuu": 1, "kyuuyo": 4, "juumin": 4, "tensai": 4, "shoukai": 1,
    }  # fmt: skip
    assert [(run.job, run.state) for run in month.ended if run.state is not RunState.DONE] == [
        ("tensai", RunState.FAILED)
    ]


def test_each_business_saved_what_was_computed_by_hand(month: Month) -> None:
    found = report(month.office.savings.entries(*APRIL), *APRIL)
    assert [(line.name, line.sums.items, minutes(line)) for line in found.businesses] == [
        ("庁内照会", 15, 225.0),
        ("異動届", 39, 149.5),
        ("口座振替", 42, 136.5),
        ("証明書交付", 8, 64.0),
        ("保育所入所", 8, 54.0),
        ("住民異動", 8, 52.0),
        ("要介護認定", 6, 43.0),
        ("給与支払報告書", 8, 40.0),
        ("予診票", 13, 26.0),
        ("ワンストップ特例", 10, 20.0),
        ("受給者証", 6, 15.0),
        ("収納消込", 25, -219.0),
    ]


def test_the_whole_office_saved_what_was_computed_by_hand(month: Month) -> None:
    total = report(month.office.savings.entries(*APRIL), *APRIL).total
    assert total.items == 188
    assert total.before * 60 == pytest.approx(1089)
    assert (total.review * 60, total.preparation * 60, total.rework * 60) == pytest.approx((379, 74, 30))
    assert total.after * 60 == pytest.approx(483)
    assert total.saved * 60 == pytest.approx(606)
    assert total.rate == pytest.approx(606 / 1089)
    assert total.machine == pytest.approx(192 * 30 / 3600)  # 188 done and 4 refused, half a minute each


def test_departments_jobs_months_and_years_add_up_to_the_same(month: Month) -> None:
    found = report(month.office.savings.entries(*APRIL), *APRIL, forms={"kouza": "口座振替依頼書"})
    assert {line.name: minutes(line) for line in found.departments} == {
        "soumu": 225.0, "shiminzei": 209.5, "shimin": 116.0, "kaigo": 58.0, "hoiku": 54.0, "kenkou": 26.0,
        "nouzei": -82.5,
    }  # fmt: skip
    assert [(line.name, minutes(line)) for line in found.forms] == [("", 469.5), ("口座振替依頼書", 136.5)]
    assert [(line.name, minutes(line)) for line in (*found.months, *found.years)] == [
        ("2026-04", 606.0), ("2026", 606.0)
    ]  # fmt: skip
    assert {line.name for line in found.jobs} == set(PLAN)


def test_a_baseline_measured_anew_counts_from_its_first_run_and_changes_nothing_before(month: Month) -> None:
    booked = [e for e in month.office.savings.entries() if e.job == "kyuuyo"]
    assert [(e.worked_on.day, e.manual_minutes) for e in booked] == [(7, 12), (14, 12), (21, 9), (28, 9)]
    old, new = [one for one in baselines(booked, month.jobs) if one.job == "kyuuyo"]
    assert (old.minutes_per_item, old.last, old.in_force) == (6, date(2026, 4, 14), False)
    assert (new.minutes_per_item, new.first, new.in_force) == (4.5, date(2026, 4, 21), True)
    assert (new.basis["measured_by"], new.basis["measured_on"]) == ("shiminzei", "2026-04-14")


def test_the_year_is_expected_to_go_on_as_its_first_month(month: Month) -> None:
    """241 open days in the year, 21 seen: 606 minutes × 241 / 21 = 115.91 hours."""
    found = forecast(month.office.savings.entries(), 2026, date(2026, 5, 1), month.office.calendar)
    assert (found.standing, found.days_seen, found.days_left) == (Standing.FORECAST, 21, 220)
    assert found.expected == pytest.approx(115.91, abs=0.005)
    assert found.low is not None and found.high is not None
    assert found.low < 115.91 < found.high


def told(month: Month, folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    (folder / "hakadori.yaml").write_text(SETTINGS, encoding="utf-8")
    var = month.office.logs.parent
    ended = cli.main(["--configs", str(folder), "--var", str(var), "--language", "ja", "report", *words])
    assert ended == 0
    return capsys.readouterr().out


def test_the_command_tells_the_same_sums(
    month: Month, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["time-saved", "--from", "2026-04", "--to", "2026-04"]
    found = json.loads(told(month, tmp_path, capsys, *words, "--json"))
    assert (found["total"]["saved_hours"], found["total"]["items"]) == (10.1, 188)
    assert found["businesses"][-1]["saved_hours"] == -3.65
    csv = tmp_path / "t.csv"
    shown = told(
        month, tmp_path, capsys, *words, "--department", "納税課", "--csv", str(csv), "--encoding", "cp932"
    )
    assert "▲3.65" in shown and "合計 ▲1.38 時間" in shown
    head, kouza, loss, total = csv.read_bytes().decode("cp932").splitlines()
    assert head.startswith("業務名,所属,件数,導入前(h),導入後(h),削減(h),削減率,機械(h),基準")
    assert kouza.startswith(
        "口座振替,納税課,42,2.8,0.525,2.275,0.8125,0.35,1 件 4 分(nouzei、2026-03-02 測定、20 件)"
    )
    assert loss.startswith("収納消込,納税課,25,0.4,4.05,-3.65,-9.125,0.2083,")
    assert total.startswith("合計,,67,3.2,4.575,-1.375,")
