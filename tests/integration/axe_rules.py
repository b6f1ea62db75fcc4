"""axe-core on an open page: what a screen reader, a keyboard or a weak eye would stumble over.

`assert breaches(page) == []` after the page has settled; a page that still loads is waited for. The rules are those of
WCAG 2.1 A and AA and axe's best practices. The script lies in the package
`axe-playwright-python` (tests only); nothing is downloaded.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from playwright.sync_api import Page

_ASK = """async ([within, rules]) => {
    const only = rules.length ? { runOnly: { type: "rule", values: rules } } : {};
    const told = await axe.run(within || document, { resultTypes: ["violations"], ...only });
    return told.violations.map((rule) =>
        `${rule.id} (${rule.impact}): ${rule.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`);
}"""


@cache
def _script() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def breaches(page: Page, within: str = "", rules: Sequence[str] = ()) -> list[str]:
    """Return the rules that a page breaks, each with the elements that break it; empty when all is well.

    Args:
        page: The page, as it stands now; dialogs that are open are looked at too.
        within: A CSS selector to look at this part alone.
        rules: Look at these rules alone, such as `color-contrast`.
    """
    page.wait_for_load_state()
    page.evaluate(_script())
    return list(page.evaluate(_ASK, [within, list(rules)]))
