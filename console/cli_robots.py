"""`hakadori robot …`: check robots, tell in words what they do, run one now."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.calling import Call, call_of, put_json, say, told
from console.errors import ArgumentWrong

if TYPE_CHECKING:
    from robots.model import Robot

robots_app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]
RobotName = Annotated[str, typer.Argument(metavar="ROBOT", help=told("help_robot_name"))]


@robots_app.command("validate", help=told("help_robot_validate"))
def validate(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="[ROBOT]", help=told("help_validate_name"))] = "",
    as_json: AsJson = False,
) -> int:
    """Check a robot, or all robots of a folder, against the fields, targets and secrets that exist."""
    from console.robot_checks import check_all

    call = call_of(context)
    folder = Path(name) if name else call.configs / "robots"
    if not folder.is_dir():
        return _validate_one(call, name, as_json)
    checked = check_all(folder, lambda path: find_robot(call, str(path)))
    if as_json:
        put_json([one.facts() for one in checked])
    else:
        for one in checked:
            say(one.told())
        wrong, problems = (
            sum(bool(one.problems) for one in checked),
            sum(len(one.problems) for one in checked),
        )
        say(told("robots_checked", files=len(checked), wrong=wrong, problems=problems))
    return 2 if any(one.problems for one in checked) else 0


def _validate_one(call: Call, name: str, as_json: bool) -> int:
    robot = find_robot(call, name)
    missing = [secret for secret in robot.secrets() if not _has_secret(call, secret)]
    facts = {
        "robot": robot.robot,
        "title": robot.title,
        "steps": len(robot.placed()),
        "secrets_missing": missing,
    }
    if as_json:
        put_json(facts)
        return 0
    say(told("robot_good", title=robot.title, steps=len(robot.placed())))
    for secret in missing:
        say(told("robot_secret_missing", name=secret))
    return 0


@robots_app.command("explain", help=told("help_robot_explain"))
def explain(context: typer.Context, name: RobotName, as_json: AsJson = False) -> None:
    """Tell what a robot does, step by step, in words, and whether this content is approved."""
    from console.robot_approval import approval_of
    from robots.explain import explain as in_words

    call = call_of(context)
    robot = find_robot(call, name)
    words, approval = in_words(robot), approval_of(call.office, robot)
    if as_json:
        put_json({"robot": robot.robot, "title": robot.title, "text": words, "approval": approval.facts()})
    else:
        say("\n".join([words, *approval.told()]))


@robots_app.command("show", help=told("help_robot_show"))
def show(
    context: typer.Context,
    run: Annotated[str, typer.Argument(metavar="RUN", help=told("help_robot_show_run"))] = "last",
    as_json: AsJson = False,
) -> None:
    """Show what a run did: its items, warnings and failures, and where its page lies."""
    from console.robot_show import find_run, run_as_json, show_run
    from robots.trail_page import write_page
    from robots.trail_reading import read_trail

    folder = find_run(call_of(context).settings.folder("evidence"), run)
    write_page(folder)
    trail = read_trail(folder)
    if as_json:
        put_json(run_as_json(trail))
    else:
        show_run(trail)


def find_robot(call: Call, name: str) -> "Robot":
    """Return a robot by its name, or by the file that holds it.

    Raises:
        DeclarationError: Its file is wrong.
        ArgumentWrong: There is none.
    """
    from backoffice.suggest import did_you_mean
    from robots.model import load_robot
    from robots.validate import Knowledge

    folder = call.configs / "robots"
    path = Path(name) if name.endswith((".yaml", ".yml")) else folder / f"{name}.yaml"
    known = Knowledge(targets=call.settings.targets, folders=call.settings.folders)
    if path.is_file() or path.suffix == Path(name).suffix:
        robot = load_robot(path, known)
    else:
        robots = call.office.robots
        if name not in robots:
            raise ArgumentWrong(
                "console.robot_missing", where=name, name=name, hint=did_you_mean(name, robots)
            )
        robot = robots[name]
    fields = _fields(call, robot.items.process)
    return load_robot(robot.source.path, replace(known, fields=fields))


def _fields(call: Call, process: str) -> set[str] | None:
    """Return the field names of a process's records; None when no form makes them, so that they stay unchecked."""
    from console.authoring.known import fields_of
    from ocr.template import load_forms

    return fields_of(load_forms(call.configs / "forms"), process) or None


def _has_secret(call: Call, name: str) -> bool:
    from backoffice.vault import Vault

    return Vault(call.settings.var / "secrets.json").has(name)
