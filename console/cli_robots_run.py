"""`hakadori robot run` and `resume`: all that waits, some of it, a rehearsal, or one step after the other."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from backoffice.messages import text
from console.calling import Call, call_of, progress_console, put_json, say, told
from console.cli_robots import AsJson, RobotName, find_robot
from console.cli_robots_author import robots_app as robots_app
from console.errors import ArgumentWrong

if TYPE_CHECKING:
    from console.robot_runs import Wish
    from robots.model import Robot
    from robots.runner import RunCounts

Limit = Annotated[int | None, typer.Option("--limit", min=1, help=told("help_run_limit"))]
Only = Annotated[list[str] | None, typer.Option("--only", metavar="KEY", help=told("help_run_only"))]
Dry = Annotated[bool, typer.Option("--dry-run", help=told("help_run_dry"))]
StepByStep = Annotated[bool, typer.Option("--step", help=told("help_run_step"))]
Headed = Annotated[bool, typer.Option("--headed", help=told("help_run_headed"))]


@robots_app.command("run", help=told("help_robot_run"))
def run(
    context: typer.Context,
    name: RobotName,
    limit: Limit = None,
    only: Only = None,
    dry_run: Dry = False,
    step: StepByStep = False,
    headed: Headed = False,
    as_json: AsJson = False,
) -> int:
    """Run a robot now over everything that waits for it, in this process."""
    from console.robot_runs import Wish

    call, robot = _wanted(context, name, only)
    ask = _ask if step else None
    if step and (as_json or not sys.stdin.isatty()):
        raise ArgumentWrong("console.step_needs_person", where="--step")
    return _run(call, robot, Wish(only or None, limit, dry_run, headed, ask), as_json)


@robots_app.command("resume", help=told("help_robot_resume"))
def resume(
    context: typer.Context,
    name: RobotName,
    who: Annotated[str, typer.Option("--who", help=told("help_resume_who"))],
    from_start: Annotated[bool, typer.Option("--from-start", help=told("help_resume_from_start"))] = False,
    limit: Limit = None,
    only: Only = None,
    headed: Headed = False,
    as_json: AsJson = False,
) -> int:
    """Send failed items back into the queue and run the robot."""
    from console.robot_runs import Wish, send_back

    call, robot = _wanted(context, name, only)
    back = send_back(call.office, robot, from_start=from_start, keys=only or None, who=who)
    if not as_json:
        say(told("resumed", count=back.items))
        for script in back.scripts:
            say(told("resumed_other_script", then=script[:12], now=robot.source.sha256[:12]))
    return _run(call, robot, Wish(only or None, limit, False, headed), as_json)


def _wanted(context: typer.Context, name: str, only: list[str] | None) -> tuple[Call, "Robot"]:
    """Return the call and its robot, after refusing keys that no item has."""
    from console.robot_runs import check_keys

    call = call_of(context)
    robot = find_robot(call, name)
    check_keys(call.office, robot, only or [])
    return call, robot


def _ask(words: str) -> bool:
    """Show a step and wait for the answer: Enter goes on, anything else stops."""
    print(words, file=sys.stderr, flush=True)
    return not input(told("step_question")).strip()


def _run(call: Call, robot: "Robot", wish: "Wish", as_json: bool) -> int:
    from console.robot_runs import run_by_hand

    watch = progress_console()
    if wish.ask is not None:
        watch.quiet = True  # the questions need the screen
    with watch.status(told("robot_runs", title=robot.title)) as status:

        def show(finished: int, waiting: int) -> None:
            status.update(told("robot_progress", title=robot.title, finished=finished, waiting=waiting))

        counts = run_by_hand(call.office, robot, show, wish)
    if as_json:
        put_json(_facts(robot, counts, wish))
    else:
        _tell(call, robot, counts, wish)
    return counts.exit_code


def _facts(robot: "Robot", counts: "RunCounts", wish: "Wish") -> dict[str, object]:
    from backoffice.runs import RunState

    facts = {
        "robot": robot.robot,
        "done": counts.done,
        "business_failures": counts.business_failures,
        "system_failures": counts.system_failures,
        "in_doubt": counts.in_doubt,
        "left": counts.left,
        "entered": counts.entered,
        "problems": list(counts.problems),
        "state": RunState.DONE,
        "script": robot.source.sha256,
    }
    return facts | ({"rehearsed": counts.rehearsed} if wish.dry else {})


def _tell(call: Call, robot: "Robot", counts: "RunCounts", wish: "Wish") -> None:
    from backoffice.work_items import State

    if not (counts.times or counts.left or counts.in_doubt or wish.dry):
        before = call.office.ledger.counts(robot.items.process)[State.DONE]
        say(text("trial.waits_for_nothing", title=robot.title, done=before))
    elif wish.dry:
        failed = len(counts.problems)
        say(told("robot_rehearsed", title=robot.title, fine=counts.rehearsed, failed=failed))
    else:
        failed = counts.business_failures + counts.system_failures
        if counts.entered:
            say(told("robot_entered", title=robot.title, count=counts.entered))
        say(
            told(
                "robot_ended",
                title=robot.title,
                done=counts.done,
                failed=failed,
                in_doubt=counts.in_doubt,
                left=counts.left,
            )
        )
    for problem in counts.problems:
        say(problem)
