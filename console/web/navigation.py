"""The menu at the top of every page: which pages there are, in which group, and who is shown which.

The menu is one table. An entry names the address of a page; whether somebody sees it is asked of the table of rights
(`access.py`), so a link never leads to a refusal. A group of which a person may use one page only is that page's link.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from backoffice.messages import text
from console.rights import Right
from console.users import User
from console.web.access import row_of


@dataclass(frozen=True)
class Entry:
    """One page of the menu.

    Attributes:
        href: Its address.
        key: The key of its name in the catalogue.
        only: Left out for people without this right, though they may open it.
    """

    href: str
    key: str
    only: Right | None = None


@dataclass(frozen=True)
class Group:
    """Pages that belong together.

    Attributes:
        key: The key of its name in the catalogue; empty for a page that stands by itself.
        entries: Its pages.
    """

    key: str
    entries: tuple[Entry, ...]


MENU = (
    Group("", (Entry("/", "menu.overview"),)),
    Group(
        "menu.documents",
        (
            Entry("/documents", "menu.waiting"),
            Entry("/groups", "menu.groups"),
            Entry("/submit", "menu.submit"),
        ),
    ),
    Group(
        "menu.work",
        (Entry("/jobs", "menu.jobs"), Entry("/runs", "menu.runs"), Entry("/items", "menu.items")),
    ),
    Group("menu.build", (Entry("/forms", "menu.forms"), Entry("/robots", "menu.robots"))),
    Group(
        "menu.records",
        (
            Entry("/savings", "menu.savings"),
            Entry("/baselines", "menu.baselines"),
            Entry("/workload", "menu.workload"),
            Entry("/audit", "menu.audit"),
        ),
    ),
    Group(
        "menu.administration",
        (
            Entry("/users", "menu.users"),
            Entry("/tokens", "menu.tokens"),
            Entry("/api", "menu.api", only=Right.USERS),
        ),
    ),
)


@dataclass(frozen=True)
class Link:
    """A page as one person sees it.

    Attributes:
        href: Its address.
        name: What stands there.
        here: Whether the open page is this one or lies below it.
    """

    href: str
    name: str
    here: bool


@dataclass(frozen=True)
class Heading:
    """A group as one person sees it; without a name when there is only one page to show.

    Attributes:
        name: What stands there.
        links: Its pages; at least one.
    """

    name: str
    links: Sequence[Link]

    @property
    def here(self) -> bool:
        """Whether the open page belongs to this group."""
        return any(link.here for link in self.links)


def menu(user: User, path: str) -> list[Heading]:
    """Return what a person finds in the menu.

    Args:
        user: Who looks.
        path: Address of the open page.
    """
    seen = [(group, [entry for entry in group.entries if _may(user, entry)]) for group in MENU]
    place = _place(path, [entry.href for _, entries in seen for entry in entries])
    headings = []
    for group, entries in seen:
        links = [Link(entry.href, text(entry.key), entry.href == place) for entry in entries]
        if links:
            headings.append(Heading(text(group.key) if len(links) > 1 else "", links))
    return headings


def _may(user: User, entry: Entry) -> bool:
    row = row_of("GET", entry.href)
    return row is not None and all(user.may(right) for right in (row.right, entry.only) if right)


def _place(path: str, hrefs: Sequence[str]) -> str:
    """Return the page of the menu that a path belongs to: the longest beginning, whole parts only."""
    above = [href for href in hrefs if path == href or (href != "/" and path.startswith(f"{href}/"))]
    return max(above, key=len, default="")
