"""The API against its own description: schemathesis asks every operation as every role, in ways nobody thought of.

No answer is a 5xx, and every answer has a status, a content type and a body that the description names.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from console_desk import make_office
from hypothesis import HealthCheck, Phase, settings
from route_calls import OTHER, OWN, Things
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from console.rights import Role
from console.web.api.office import description
from console.web.app import create_app

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
EXAMPLES = 5
schema = schemathesis.openapi.from_dict(description())


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    office = make_office(tmp_path_factory.mktemp("schema"))
    things = Things(office)
    for department in (OWN, OTHER):
        for make in (things.document, things.item, things.run):
            make(department)
    tokens = {}
    for role in Role:
        where = ["*"] if role is Role.APPROVER else [OWN]
        tokens[role] = office.desk.tokens.add(role, roles=[role], departments=where, days=1, who="t")[1]
    yield {"app": create_app(office.desk), "tokens": tokens}


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_to_every_role_is_documented(case, town) -> None:
    for token in town["tokens"].values():
        headers = {"Authorization": f"Bearer {token}"}
        case.call_and_validate(app=town["app"], base_url="http://127.0.0.1", headers=headers, checks=CHECKS)
