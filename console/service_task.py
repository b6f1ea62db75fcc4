"""The scheduled task of the service on Windows: starts when its user signs in, in that user's desktop session.

A Windows service has no desktop: robots that work on the screen, and a browser that is to be seen, would find none. So
the service is a task that runs with the interactive session of one user (`InteractiveToken`), without a time limit,
started again when it fails. Schema: learn.microsoft.com, "Task Scheduler Schema"; the order of the elements matters.
"""

import subprocess
from xml.etree import ElementTree

from console.service_unit import Installed

TASK = "Hakadori"
_SPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"


def task_xml(installed: Installed, user: str) -> str:
    r"""Return the task as `schtasks /Create /XML` and the Task Scheduler's import take it; save it as UTF-16.

    Args:
        installed: What the task runs.
        user: The account, `PC\name` or `DOMAIN\name`, in whose session the robots work.
    """
    ElementTree.register_namespace("", _SPACE)
    task = ElementTree.Element(_tag("Task"), {"version": "1.2"})
    _add(task, "RegistrationInfo", {"Description": "Hakadori"})
    _add(_add(task, "Triggers"), "LogonTrigger", {"Enabled": "true", "UserId": user})
    principal = _add(_add(task, "Principals"), "Principal")
    principal.set("id", "Author")
    for name, value in (("UserId", user), ("LogonType", "InteractiveToken"), ("RunLevel", "LeastPrivilege")):
        _add(principal, name).text = value
    settings = _add(
        task,
        "Settings",
        {
            "MultipleInstancesPolicy": "IgnoreNew",
            "DisallowStartIfOnBatteries": "false",
            "StopIfGoingOnBatteries": "false",
            "AllowHardTerminate": "true",
            "StartWhenAvailable": "true",
            "RunOnlyIfNetworkAvailable": "false",
            "AllowStartOnDemand": "true",
            "Enabled": "true",
            "Hidden": "false",
            "WakeToRun": "true",
            "ExecutionTimeLimit": "PT0S",
            "Priority": "7",
        },
    )
    _add(settings, "RestartOnFailure", {"Interval": "PT1M", "Count": "255"})
    actions = _add(task, "Actions")
    actions.set("Context", "Author")
    _add(
        actions,
        "Exec",
        {
            "Command": str(installed.python),
            "Arguments": subprocess.list2cmdline(installed.arguments),
            "WorkingDirectory": str(installed.program),
        },
    )
    ElementTree.indent(task)
    told = ElementTree.tostring(task, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-16"?>\n{told}\n'


def _add(parent: ElementTree.Element, name: str, texts: dict[str, str] | None = None) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, _tag(name))
    for inner, value in (texts or {}).items():
        ElementTree.SubElement(made, _tag(inner)).text = value
    return made


def _tag(name: str) -> str:
    return f"{{{_SPACE}}}{name}"
