"""`hakadori robot …`: check robots, tell in words what they do, run one now."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from console.calling import Call, call_of, progress_console, put_json, say, told
from console.errors import ArgumentWrong

if TYPE_CHECKING:
    from robots.model import Robot

robots_app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help=told("help_json"))]
RobotName = Annotated[str, typer.Argument(metavar="ROBOT", help=told("help_robot_name"))]


@robots_app.command("validate", help=told("help_robot_validate"))
def validate(context: typer.Context, name: RobotName, as_json: AsJson = False) -> None:
    """Check a robot against the fields, targets and secrets that exist."""
    call = call_of(context)
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
        return
    say(told("robot_good", title=robot.title, steps=len(robot.placed())))
    for secret in missing:
        say(told("robot_secret_missing", name=secret))


@robots_app.command("explain", help=told("help_robot_explain"))
def explain(context: typer.Context, name: RobotName, as_json: AsJson = False) -> None:
    """Tell what a robot does, step by step, in words."""
    from robots.explain import explain as in_words

    robot = find_robot(call_of(context), name)
    words = in_words(robot)
    if as_json:
        put_json({"robot": robot.robot, "title": robot.title, "text": words})
    else:
        say(words)


@robots_app.command("run", help=told("help_robot_run"))
def run(context: typer.Context, name: RobotName, as_json: AsJson = False) -> int:
    """Run a robot now over everything that waits for it, in this process."""
    from backoffice.runs import RunState
    from console.wiring import open_robot_run

    call = call_of(context)
    office = call.office
    robot = find_robot(call, name)
    with progress_console().status(told("robot_runs", title=robot.title)) as status:

        def show(finished: int, waiting: int) -> None:
            status.update(told("robot_progress", title=robot.title, finished=finished, waiting=waiting))

        counts = open_robot_run(office, robot, show)
    if as_json:
        put_json(
            {
                "robot": robot.robot,
                "done": counts.done,
                "business_failures": counts.business_failures,
                "system_failures": counts.system_failures,
                "in_doubt": counts.in_doubt,
                "left": counts.left,
                "problems": list(counts.problems),
                "state": RunState.DONE,
            }
        )
    else:
        say(
            told(
                "robot_ended",
                title=robot.title,
                done=counts.done,
                failed=counts.business_failures + counts.system_failures,
                in_doubt=counts.in_doubt,
                left=counts.left,
            )
        )
        for problem in counts.problems:
            say(problem)
    return counts.exit_code


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
    targets = Knowledge(targets=call.settings.targets)
    if path.is_file() or path.suffix == Path(name).suffix:
        robot = load_robot(path, targets)
    else:
        known = call.office.robots
        if name not in known:
            raise ArgumentWrong(
                "console.robot_missing", where=name, name=name, hint=did_you_mean(name, known)
            )
        robot = known[name]
    fields = _fields(call, robot.items.process)
    return load_robot(robot.source.path, Knowledge(fields=fields, targets=call.settings.targets))


def _fields(call: Call, process: str) -> set[str] | None:
    """Return the field names of a process's records; None when no form makes them, so that they stay unchecked."""
    from ocr.template import load_forms

    forms = [form for form in load_forms(call.configs / "forms").values() if form.process == process]
    return {field.name for form in forms for _, field in form.fields()} or None


def _has_secret(call: Call, name: str) -> bool:
    from backoffice.vault import Vault

    return Vault(call.settings.var / "secrets.json").has(name)
