"""Every job and every setting on docs/jobs.md can be copied as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from backoffice.settings import load_settings
from scheduler.days import parse_days
from scheduler.job_check import check_jobs, load_jobs
from scheduler.notify import USUAL, Event

PAGE = (Path(__file__).parents[2] / "docs" / "jobs.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def configs(tmp_path: Path) -> Path:
    (tmp_path / "jobs").mkdir()
    for block in BLOCKS:
        name = re.match(r"job: (\w+)", block)
        path = tmp_path / "jobs" / f"{name[1]}.yaml" if name else tmp_path / "hakadori.yaml"
        path.write_text(block, encoding="utf-8")
    return tmp_path


def test_the_jobs_of_the_page_are_right(configs: Path) -> None:
    settings, jobs = load_settings(configs, environ={}), load_jobs(configs / "jobs")
    parameters = {"kouza_touroku": ["年度"]}
    check_jobs(jobs, ["kouza_touroku"], [], settings.departments, notices=settings.notices)
    with_parameters = {"nendo_touroku": jobs["nendo_touroku"]}
    check_jobs(with_parameters, ["kouza_touroku"], [], settings.departments, robot_parameters=parameters)
    assert sorted(jobs) == ["nendo_touroku", "nouzei_uketsuke", "touroku_asa", "yakan_touroku"]


def test_the_words_for_days_of_the_page_are_known() -> None:
    table = PAGE.partition("| written | means |")[2].partition("\n\n")[0]
    words = re.findall(r"`([^`]+)`", table)
    assert len(words) == 13
    for word in words:
        parse_days(word)


def test_the_events_of_the_page_are_those_of_the_code() -> None:
    told = dict(re.findall(r"^\| `(\w+)` \| .+ \| (yes|no) \|$", PAGE, re.MULTILINE))
    assert told == {event.value: "yes" if event in USUAL else "no" for event in Event}
