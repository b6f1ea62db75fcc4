"""Edge's Internet Explorer mode: pages that the office's list opens in it cannot be driven by any program.

The list is named by a policy of Windows (`InternetExplorerIntegrationSiteList`); in it stand the sites that open in
IE mode. A robot whose target stands there is refused before it starts, with what can be done instead; without the
check it would see an empty page and wait.

Source: Microsoft, "Enterprise Mode schema v.2 guidance" (site-list, site url, open-in).
"""

import sys
import xml.etree.ElementTree as Tree
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from loguru import logger

from robots.errors import IeModeRefused

_POLICY = r"SOFTWARE\Policies\Microsoft\Edge"
_LIST = "InternetExplorerIntegrationSiteList"
_IE_PROGRAMS = {"iexplore.exe", "iexplore"}


def refuse_ie_mode(targets: Mapping[str, str], executable: Path | None, site_list: str | None) -> None:
    """Refuse targets that open in IE mode, and Internet Explorer itself.

    Args:
        targets: Name → URL of the targets that the robot works on.
        executable: The browser named in the settings.
        site_list: The office's list, as XML; None when there is none.

    Raises:
        IeModeRefused: With the name of the first such target.
    """
    if executable is not None and executable.name.lower() in _IE_PROGRAMS:
        raise IeModeRefused("robots.ie_itself", where="browser: executable")
    sites = ie_sites(site_list) if site_list else frozenset[str]()
    for name, url in targets.items():
        parts = urlsplit(url)
        if any(_within(f"{parts.netloc}{parts.path}".lower(), site) for site in sites):
            raise IeModeRefused("robots.ie_mode", where=name, name=name)


def ie_sites(site_list: str) -> frozenset[str]:
    """Return the sites of a list that open in IE mode, such as "jumin.example.lg.jp/menu"; a broken list has none."""
    try:
        root = Tree.fromstring(site_list)
    except Tree.ParseError:
        logger.warning("the site list of Edge's IE mode cannot be read")
        return frozenset()
    found = set()
    for site in root.iter("site"):
        if (site.findtext("open-in") or "").strip().lower() in ("ie11", "ie"):
            found.add((site.get("url") or "").strip().lower().rstrip("/"))
    return frozenset(found - {""})


def office_site_list() -> str | None:
    """Return the office's list as the policy of this PC names it; None where there is no policy or no file."""
    place = _policy_value()
    if not place:
        return None
    path = Path(unquote(urlsplit(place).path.lstrip("/"))) if place.startswith("file:") else Path(place)
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError:
        logger.warning("the site list of Edge's IE mode is named by a policy but cannot be read")
        return None


def _policy_value() -> str:
    if sys.platform != "win32":
        return ""
    import winreg

    for root in (winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER):
        try:
            with winreg.OpenKey(root, _POLICY) as key:
                return str(winreg.QueryValueEx(key, _LIST)[0])
        except OSError:
            continue
    return ""


def _within(address: str, site: str) -> bool:
    """Say whether an address lies within a site: the same host, and the same path or below it."""
    host, _, path = site.partition("/")
    own_host, _, own_path = address.partition("/")
    same = own_host == host or (":" not in host and own_host.partition(":")[0] == host)
    return same and (not path or own_path == path or own_path.startswith(f"{path}/"))
