"""`hakadori robot record`, `approve` and `test`: making a robot, trying it, and letting it into the night."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from backoffice.messages import text
from console.calling import Call, call_of, progress_console, put_json, say, told
from console.cli_robots import AsJson, RobotName, find_robot
from console.cli_robots import robots_app as robots_app
from console.errors import ArgumentWrong

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from console.users import User
    from robots.recording.recorder import Recorder


@robots_app.command("record", help=told("help_robot_record"))
def record(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help=told("help_record_url"))],
    name: Annotated[str, typer.Option("--name", help=told("help_record_name"))] = "kiroku",
    process: Annotated[str, typer.Option("--process", help=told("help_record_process"))] = "kiroku",
    title: Annotated[str, typer.Option("--title", help=told("help_record_title"))] = "",
    out: Annotated[Path | None, typer.Option("--out", help=told("help_record_out"))] = None,
    as_json: AsJson = False,
) -> None:
    """Record what a person does in a browser into a robot; closing the window ends it."""
    from backoffice.files import replacing
    from robots.recording.recorder import Recorder
    from robots.recording.script import Wanted, write_script

    call = call_of(context)
    path = out or call.configs / "robots" / f"{name}.yaml"
    if path.exists():
        raise ArgumentWrong("console.record_exists", where=str(path), name=path.name)
    address = _address(call, url)
    recorder = Recorder(call.settings)
    try:
        page = recorder.start(address)
        with progress_console().status(told("recording", count=0)) as status:
            _wait(recorder, page, lambda count: status.update(told("recording", count=count)))
    finally:
        recorder.close()
    wanted = Wanted(name, title or told("recorded_title", name=name), process)
    written = write_script(recorder.events, wanted, call.settings.targets)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft:
        draft.write_text(written, encoding="utf-8")
    pages = path.parent / "pages" / name
    count = recorder.write_pages(pages)
    if as_json:
        facts = {"robot": name, "file": str(path), "events": len(recorder.events)}
        put_json({**facts, "pages": str(pages), "page_count": count})
    else:
        say(told("recorded", file=path.as_posix(), count=len(recorder.events)))
        say(text("trial.recorded_pages", folder=pages.as_posix(), count=count, name=name))


def _wait(recorder: "Recorder", page: "Page", show: Callable[[int], None]) -> None:
    """Wait until the person closes the browser; Ctrl+C at the terminal ends the recording too, and loses nothing."""
    try:
        recorder.wait_until_closed(page, show)
    except KeyboardInterrupt:
        say(text("trial.record_ended"))


@robots_app.command("approve", help=told("help_robot_approve"))
def approve(
    context: typer.Context,
    name: RobotName,
    user: Annotated[str, typer.Option("--user", help=told("help_approve_user"))] = "",
    changes: Annotated[bool, typer.Option("--changes", help=told("help_approve_changes"))] = False,
    as_json: AsJson = False,
) -> None:
    """Approve a robot's exact content; --changes only shows what changed since the last approval."""
    from console.authoring.approvals import Approvals
    from robots.approval import ApprovalBook, changes_since, content_hash, parts_changed_since

    call = call_of(context)
    robot = find_robot(call, name)
    book = ApprovalBook(call.office.engine, call.office.clock)
    if changes:
        last = book.last(robot.robot)
        differs, parts = changes_since(robot, last), parts_changed_since(robot, last)
        if as_json:
            approved = last.sha256 if last else None
            put_json({"robot": robot.robot, "approved": approved, "changes": differs, "parts": parts})
        else:
            beside = told("parts_changed", parts="、".join(parts)) if parts else ""
            say("\n".join(filter(None, (differs, beside))) or told("nothing_changed"))
        return
    approver = _approver(call, user)
    demanded = call.settings.robots.require_approval
    approval = Approvals(call.office.engine, demanded=demanded, clock=call.office.clock).approve(
        robot, approver.name
    )
    call.office.audit.note(
        approver.name, "robot.approve", f"robot/{robot.robot}", version=robot.version, sha256=approval.sha256
    )
    if as_json:
        put_json(
            {
                "robot": robot.robot,
                "version": robot.version,
                "sha256": content_hash(robot),
                "by": approver.name,
            }
        )
    else:
        say(
            told(
                "robot_approved",
                title=robot.title,
                version=robot.version,
                sha=approval.sha256[:12],
                who=approver.name,
            )
        )


@robots_app.command("test", help=told("help_robot_test"))
def test(
    context: typer.Context,
    name: RobotName,
    record_file: Annotated[Path | None, typer.Option("--record", help=told("help_test_record"))] = None,
    pages: Annotated[Path | None, typer.Option("--pages", help=told("help_test_pages"))] = None,
    as_json: AsJson = False,
) -> int:
    """Try a robot in dry mode with one record: everything but the commit step, and nothing is kept."""
    from console.robot_trial import facts_of, try_out
    from console.trial_table import show_trial

    call = call_of(context)
    robot = find_robot(call, name)
    ended = try_out(call.office, robot, record_file, pages)
    if as_json:
        put_json({"robot": robot.robot, **facts_of(ended)})
        return 0 if ended.good else 3
    show_trial(ended)
    say(told("test_good", title=robot.title) if ended.good else ended.problem)
    return 0 if ended.good else 3


def _address(call: Call, url: str) -> str:
    """Return the address to record at; the name of a target system stands for its URL.

    Raises:
        ArgumentWrong: It is neither an address nor a target's name.
    """
    from backoffice.suggest import did_you_mean

    if url in call.settings.targets:
        return call.settings.targets[url]
    if not url.startswith(("http://", "https://")):
        hint = did_you_mean(url, call.settings.targets)
        raise ArgumentWrong("console.record_url", where="URL", name=url, hint=hint)
    return url


def _approver(call: Call, name: str) -> "User":
    """Ask who approves, and check the password and the role.

    Raises:
        LoginRefused: The password does not fit.
        NotAnApprover: The person may not approve.
    """
    from console.cli_users import ask_secretly
    from console.errors import NotAnApprover
    from console.rights import Role

    if not name and sys.stdin.isatty():
        name = str(typer.prompt(told("user_name")))
    if not name:
        raise ArgumentWrong("console.approver_missing", where="--user")
    password = (
        str(typer.prompt(told("password"), hide_input=True))
        if sys.stdin.isatty()
        else ask_secretly(told("password"))
    )
    user = call.office.users.sign_in(name, password)
    if Role.APPROVER not in user.roles:
        call.office.audit.note(name, "robot.approve_refused", f"user/{name}")
        raise NotAnApprover("console.not_an_approver", where=name, name=name)
    return user
