"""Settings of notices: whom the schedule tells by mail or webhook when something needs a person."""

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from backoffice.addresses import Address
from backoffice.declarations import Part, many, refuse

Addresses = Annotated[tuple[Address, ...], BeforeValidator(many)]


class WebhookSettings(Part):
    """One webhook: an address that takes notices as JSON, such as a chat of the town."""

    url: str = Field("", pattern=r"^(https?://\S+)?$", description="送り先の URL。Where it is posted to.")
    url_secret: str = Field(
        "", description="URL そのものが秘密のとき、その秘密の名前。Name of the secret that holds the URL."
    )
    secret: str = Field(
        "",
        description="秘密の名前。値を Authorization: Bearer に入れて送る。Secret sent as bearer token.",
    )

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if bool(self.url) == bool(self.url_secret):
            raise refuse("notices.webhook_url")
        return self


class NoticeSettings(Part):
    """Whom the schedule tells when something needs a person."""

    mail: dict[str, Addresses] = Field(
        default_factory=dict,
        description="部署ごとの宛先。例 nouzei: [nouzei@city.example.jp]。Addresses of each department.",
    )
    webhooks: dict[str, WebhookSettings] = Field(
        default_factory=dict, description="Webhook の名前と送り先。Webhooks by name."
    )
    give_up_hours: float = Field(
        72.0, gt=0, description="送れない通知をやり直す時間。過ぎたら「送れず」として残す。Hours of trying."
    )
