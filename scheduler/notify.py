"""What a job says of notices: whom to tell, about what, and until when something must have arrived."""

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field, field_validator

from backoffice.addresses import Address
from backoffice.declarations import Part, many
from scheduler.days import parse_days
from scheduler.declared import checked
from scheduler.times import parse_clock


class Event(StrEnum):
    """What people can be told about."""

    FAILURE = "failure"
    """A run failed or died, and it is not tried again by itself."""
    IN_DOUBT = "in_doubt"
    """Nobody knows whether some items were registered."""
    NOTHING_ARRIVED = "nothing_arrived"
    """Too few files came until the time the job expects them."""
    REFUSED = "refused"
    """A robot was not run because this version of it was approved by nobody."""
    ITEM_FAILURES = "item_failures"
    """A run is done, but some items or files were not accepted."""
    UNFINISHED = "unfinished"
    """A run was stopped at the end of its window with work left."""


USUAL = (Event.FAILURE, Event.IN_DOUBT, Event.NOTHING_ARRIVED, Event.REFUSED)
"""What is told unless the job says otherwise."""


class Notify(Part):
    """Whom a job tells about what."""

    events: Annotated[tuple[Event, ...], BeforeValidator(many)] = Field(
        USUAL,
        description="知らせる出来事。failure 失敗、in_doubt 有無不明、nothing_arrived 未着、refused 未承認、"
        "item_failures 一部の失敗、unfinished 時間切れ。What is told.",
    )
    mail: Annotated[tuple[Address, ...], BeforeValidator(many)] | None = Field(
        None,
        description="宛先。書かなければ設定 notices: mail: の部署の宛先、[] なら送らない。Whom to mail.",
    )
    webhooks: Annotated[tuple[str, ...], BeforeValidator(many)] = Field(
        (), description="設定 notices: webhooks: の名前。Names of webhooks in the settings."
    )


class Expectation(Part):
    """Until when files must have arrived in the inbox that a job reads."""

    by: str = Field(description='時刻 "10:00"。このときまでに届いていなければ知らせる。Time of day.')
    days: str = Field(
        "開庁日",
        description="その日。毎月10日 のような日が閉庁日に当たれば、次の開庁日に移る。Days; closed ones move on.",
    )
    at_least: int = Field(1, ge=1, description="届くはずのファイルの数。How many files at least.")

    @field_validator("by")
    @classmethod
    def _by_is_a_time(cls, value: str) -> str:
        return checked(parse_clock, "scheduler.time_wrong", value)

    @field_validator("days")
    @classmethod
    def _days_are_known(cls, value: str) -> str:
        return checked(parse_days, "scheduler.days_unknown", value)
