"""Actions that other packages bring: a town, or the maker of a target system, may add its own.

    # pyproject.toml of the package
    [project.entry-points."hakadori.actions"]
    stamp = "town_stamp.actions:ACTIONS"          # functions that need no browser page
    [project.entry-points."hakadori.page_actions"]
    sign = "town_stamp.actions:sign"              # functions that do

An entry point names one function or a sequence of them, written like those of `robots/steps`. A name that Hakadori
has already is refused, so that no installed package changes what `fill` means.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from types import FunctionType

from robots.errors import ActionsUnfit
from robots.registry import Function, make_action

GROUPS = ("hakadori.actions", "hakadori.page_actions")


@dataclass(frozen=True)
class Brought:
    """Actions of other packages.

    Attributes:
        elsewhere: Those that need no page.
        on_page: Those that do.
    """

    elsewhere: tuple[Function, ...]
    on_page: tuple[Function, ...]


def brought_actions(own: Iterable[Function], points: Iterable[EntryPoint] | None = None) -> Brought:
    """Load the actions that installed packages bring.

    Args:
        own: The actions of Hakadori, whose names are taken.
        points: The entry points; those of this installation by default.

    Raises:
        ActionsUnfit: An entry point cannot be loaded, is no action, or takes a name that is taken.
    """
    taken = {function.__name__.removesuffix("_"): "hakadori" for function in own}
    found: dict[str, list[Function]] = {group: [] for group in GROUPS}
    told = [point for group in GROUPS for point in entry_points(group=group)] if points is None else points
    for point in sorted(told, key=lambda one: (one.group, one.name)):
        package = point.dist.name if point.dist is not None else point.module
        for function in _load(point, package):
            name = function.__name__.removesuffix("_")
            if name in taken:
                raise ActionsUnfit("robots.action_taken", where=package, name=name, other=taken[name])
            taken[name] = package
            found[point.group].append(function)
    return Brought(tuple(found[GROUPS[0]]), tuple(found[GROUPS[1]]))


def _load(point: EntryPoint, package: str) -> Sequence[Function]:
    try:
        loaded = point.load()
        functions = [loaded] if isinstance(loaded, FunctionType) else list(loaded)
        for function in functions:
            make_action(function)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        raise ActionsUnfit(
            "robots.actions_not_loaded", where=package, name=point.value, reason=reason
        ) from error
    return functions
