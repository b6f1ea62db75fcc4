"""A desk for the acceptance tests of browser actions: robots written in the test, the stand-in's practice pages, a
real Chromium that is started once for all of them."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backoffice.work_items import WorkItem
from robots.model import load_robot
from robots.runner import RunCounts
from tests.integration.robots_office import RobotOffice

HEAD = """robot: renshu
title: 操作の練習
items: {from: queue, process: renshu, personal: [氏名]}
tries: {times: 1, wait_seconds: 0}
"""


class PracticeDesk(RobotOffice):
    """An office whose robot is written in the test."""

    def robot_of(self, each: str, head: str = HEAD) -> None:
        path = self.folder / "configs" / "robots" / "renshu.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(head + "each:\n" + each, encoding="utf-8")
        self.robot = load_robot(path)

    def do(self, each: str, record: Mapping[str, str] | None = None, *, head: str = HEAD) -> WorkItem:
        """Let a robot of these steps do one item, and return the item as it stands afterwards."""
        self.robot_of(each, head)
        number = len(self.ledger.items("renshu")) + 1
        item = self.put(dict(record or {"氏名": "見本　太郎"}), f"{number:04d}")
        self.counts: RunCounts = self.run(f"run-{number}")
        self.run_id = f"run-{number}"
        return self.ledger.get(item.id)

    def why(self, item: WorkItem) -> str:
        """What the ledger says of the item's end: "1 回試してあきらめた(…)", without its frame."""
        return self.last_why(item).removeprefix("1 回試してあきらめた(").removesuffix(")")

    def sent(self) -> list[dict[str, Any]]:
        """What the target received from its practice pages."""
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"{self.url}/__practice", timeout=30) as answer:
            received: list[dict[str, Any]] = json.loads(answer.read())
        return received

    def kept(self, item: WorkItem) -> Path:
        return self.evidence(item, self.run_id)
