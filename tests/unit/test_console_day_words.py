"""Days are told in the reader's language, in whichever language the job's file names them."""

import pytest

from backoffice.messages import use_language
from console.day_words import days_in_words, interval_in_words

RULES = [
    ("毎日", "毎日", "every day"),
    ("open_days", "開庁日", "open days"),
    ("閉庁日", "閉庁日", "closed days"),
    ("月初開庁日", "月初開庁日", "the first open day of the month"),
    ("last_open_day", "月末開庁日", "the last open day of the month"),
    ("第3開庁日", "第3開庁日", "open day 3 of the month"),
    ("mon,wed,fri", "月・水・金", "Mon, Wed, Fri"),
    ("毎月末日", "毎月末日", "the last day of the month"),
    ("day 10 (next open)", "毎月10日(翌開庁日)", "day 10 of the month (or the next open day)"),
    ("毎月末日(前開庁日)", "毎月末日(前開庁日)", "the last day of the month (or the open day before)"),
    ("毎月10日(税の期限)", "毎月10日(税の期限)", "day 10 of the month (or the deadline of taxes)"),
    ("毎年3月15日", "毎年3月15日", "Mar 15 each year"),
    ("毎年3月31日", "毎年3月31日", "Mar 31 each year"),
]


@pytest.mark.parametrize(("written", "ja", "en"), RULES)
def test_days_are_told_in_the_readers_language(written: str, ja: str, en: str) -> None:
    use_language("en")
    told = days_in_words(written)
    use_language("ja")
    assert (days_in_words(written), told) == (ja, en)


@pytest.mark.parametrize(
    ("written", "ja", "en"),
    [("1 hour", "1時間", "1 hour"), ("30分", "30分", "30 minutes"), ("90 minutes", "90分", "90 minutes")],
)
def test_an_interval_is_told_in_the_readers_language(written: str, ja: str, en: str) -> None:
    use_language("en")
    told = interval_in_words(written)
    use_language("ja")
    assert (interval_in_words(written), told) == (ja, en)
