"""A small flood, as `benchmarks/watch_flood.py` makes it: a real child process, really killed, nothing lost."""

from benchmarks.watch_trial import run_flood

WRONG = (
    "dropped", "double", "wrongly_failed", "wrongly_read", "without_reason", "without_receipt", "rubbish_touched",
)  # fmt: skip


def test_a_killed_service_drops_doubles_and_wrongly_fails_nothing() -> None:
    told = run_flood(40, 1, "", seed=5, limit_seconds=480, give_up_seconds=5)
    assert {name: told[name] for name in WRONG} == dict.fromkeys(WRONG, 0)
    assert (told["files"], told["kills"]) == (40, 1)
    assert told["broken"] and told["duplicates"]
