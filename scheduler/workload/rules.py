"""What a town thinks of its kinds of work: `configs/workload.yaml`, the weights of the ranking, open to everybody.

routine:            # share of the work that follows fixed rules, 0 to 1
  入力: 0.95
  審査: 0.3
half_volume: 240    # items a year at which volume counts one half
"""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from backoffice.declarations import Declaration, load

FILE = "workload.yaml"
Share = Annotated[float, Field(ge=0, le=1)]
ROUTINE: dict[str, float] = {
    "入力": 0.95, "転記": 0.95, "照合": 0.85, "集計": 0.85, "通知": 0.8, "確認": 0.6, "書類作成": 0.6, "受付": 0.5,
    "審査": 0.3, "調整": 0.1, "相談": 0.1, "現場": 0.05, "会議": 0.05,
}  # fmt: skip
"""Our estimates, measured by nobody: work without judgement near 1, talking and going out near 0."""
HALF_VOLUME = 240
"""About one item per open day (fiscal year 2026 has 241): a form costs the same for ten items as for ten thousand."""


class WorkloadRules(Declaration):
    """The weights of the ranking."""

    routine: dict[str, Share] = Field(
        default_factory=lambda: dict(ROUTINE),
        description="作業の種類 → 定型度(決まった手順でできる割合、0〜1)。調査に定型度の列があればその値が優先。"
        "Kind of task → share that follows fixed rules.",
    )
    half_volume: int = Field(
        HALF_VOLUME,
        ge=1,
        description="件数の係数が 0.5 になる年間件数。係数 = 件数 ÷(件数 + この値)。Items a year that count one half.",
    )


def load_rules(configs: Path) -> WorkloadRules:
    """Return the town's rules, or ours when it has written none.

    Raises:
        DeclarationError: The file is wrong; every mistake with file:line:column.
    """
    path = configs / FILE
    return load(path, WorkloadRules) if path.is_file() else WorkloadRules()
