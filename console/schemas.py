"""Writes the JSON Schemas of all declarations, so that editors complete keys and explain them."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from backoffice.files import write_atomically


def write_schemas(folder: Path) -> list[Path]:
    """Write one schema a kind of declaration into a folder and return the files.

    Args:
        folder: Usually `configs/schema`; created when it is missing.
    """
    return [_write(folder / f"{name}.schema.json", model) for name, model in _models().items()]


def _models() -> dict[str, type[BaseModel]]:
    from backoffice.settings import Settings
    from ocr.template import Form
    from robots.model import robot_model
    from robots.steps.standard import standard_registry
    from scheduler.job import Job
    from scheduler.workload.rules import WorkloadRules

    robot = robot_model(standard_registry())
    return {"hakadori": Settings, "form": Form, "robot": robot, "job": Job, "workload": WorkloadRules}


def _write(path: Path, model: type[BaseModel]) -> Path:
    schema: dict[str, Any] = model.model_json_schema(by_alias=True)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    told = json.dumps(schema, ensure_ascii=False, indent=2, sort_keys=True)
    write_atomically(path, f"{told}\n".encode())
    return path
