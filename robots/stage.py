"""What a robot works on: a page, a screen, or both, by the actions its steps name."""

from backoffice.settings import Settings
from robots.drivers.browser import Browser
from robots.drivers.desktop import FindText
from robots.drivers.no_page import NoPage
from robots.drivers.playwright_browser import PlaywrightBrowser
from robots.drivers.pyautogui_desktop import PyAutoGuiDesktop
from robots.model import Robot
from robots.screen import Screen
from robots.screen_page import as_page
from robots.steps import desktop

_EVERYWHERE = frozenset({"screenshot"})
"""Actions that work on a page and on a screen."""


def uses_screen(robot: Robot) -> bool:
    """Say whether a robot has desktop steps, those of the routines it calls included."""
    return any(step.action.function in desktop.ACTIONS for step in robot.all_steps())


def uses_page(robot: Robot) -> bool:
    """Say whether a robot needs a browser, for its own steps or for those of the routines it calls."""
    if not uses_screen(robot):
        return not needs_nothing(robot)
    actions = {step.action for step in robot.all_steps() if step.action.on_page}
    return any(one.function not in desktop.ACTIONS and one.name not in _EVERYWHERE for one in actions)


def make_screen(robot: Robot, settings: Settings, reader: FindText | None = None) -> Screen:
    """Return the screen this process was started on, as a robot needs it.

    Args:
        robot: The robot; its pictures lie in the folder `images` beside its file.
        settings: For the folder of locks.
        reader: Reads the words of a picture.
    """
    least = (robot.screen.width, robot.screen.height) if robot.screen is not None else (0, 0)
    images = robot.source.path.parent / desktop.IMAGES
    return Screen(PyAutoGuiDesktop(), reader, images, settings.folder("locks"), least)


def needs_nothing(robot: Robot) -> bool:
    """Say whether a robot works on workbooks and files alone, and looks at no page for failures or doubts."""
    steps = robot.all_steps()
    return not (robot.fails_when or robot.resolve or any(step.action.on_page for step in steps))


def stage_of(
    robot: Robot, settings: Settings, driver: Browser | None, screen: Screen | None
) -> tuple[Browser, Screen | None]:
    """Return what the runner opens as its page, and the screen where the robot needs one.

    Args:
        robot: The robot.
        settings: Browser and folders.
        driver: A browser to use; the machine's own by default.
        screen: A screen to use; this process's own, without a reader of words, by default.
    """
    if driver is None and needs_nothing(robot):
        return NoPage(), None
    if not uses_screen(robot):
        return driver or PlaywrightBrowser(settings), None
    screen = screen or make_screen(robot, settings)
    page = (driver or PlaywrightBrowser(settings)) if uses_page(robot) else None
    return as_page(screen, page), screen
