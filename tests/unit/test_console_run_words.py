"""What a run was due for, as people read it: never the name that stands in the books."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from backoffice.messages import use_language
from console.web.run_words import slot_run, slot_words

TOKYO = ZoneInfo("Asia/Tokyo")
BEFORE = datetime(2026, 10, 19, 17, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("slot", "told"),
    [
        ("2026-10-19T17:00:00+00:00", "(2026-10-20 02:00 の回)"),
        ("file-2026-10-19T17:00:00+00:00", "(2026-10-20 02:00 に届いたファイル)"),
        ("queue-2026-10-19T17:00:00+00:00", "(2026-10-20 02:00 に件数に達したため)"),
        ("after-0f1e2d", "(2026-10-20 02:00 に始まった実行のあと)"),
        ("retry-0f1e2d", "(2026-10-20 02:00 に始まった実行のやり直し)"),
        ("continue-0f1e2d", "(2026-10-20 02:00 に始まった実行の続き)"),
        ("now-2026-10-19T17:00:00+00:00-1a2b3c4d", ""),
        ("", ""),
    ],
)
def test_a_slot_is_told_as_a_moment_of_the_town(slot: str, told: str) -> None:
    use_language("ja")
    assert slot_words(slot, BEFORE if slot_run(slot) else None, TOKYO) == told


def test_a_run_that_was_let_go_leaves_nothing_to_tell() -> None:
    assert slot_words("after-0f1e2d", None, TOKYO) == ""
