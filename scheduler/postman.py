"""Brings notices to people: a mail through the town's server, or JSON to a webhook."""

import http.client
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from backoffice.clock import local_time
from backoffice.errors import SystemFailure, UserError
from backoffice.mail import Mailer, new_message
from backoffice.messages import has_text, text
from backoffice.settings_notices import WebhookSettings
from backoffice.suggest import did_you_mean
from backoffice.vault import Vault
from scheduler.notices import Channel, Notice

TIMEOUT_SECONDS = 30.0


class WebhookNotSent(SystemFailure):
    """A webhook did not take a notice."""


class WebhookMissing(UserError):
    """The settings name no such webhook any more."""


class Postman:
    """Sends one notice at a time.

    Args:
        mailer: The town's mail server.
        webhooks: Webhooks of the settings by name.
        vault: Gives their secrets.
        town: Name of the town, for the head of a mail.
        zone: Name of the zone in which times are shown.
        timeout: Longest wait in seconds.
    """

    def __init__(
        self,
        mailer: Mailer,
        webhooks: Mapping[str, WebhookSettings],
        vault: Vault,
        *,
        town: str,
        zone: str,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._mailer = mailer
        self._webhooks = webhooks
        self._vault = vault
        self._town = town
        self._zone = zone
        self._timeout = timeout

    def send(self, notice: Notice) -> None:
        """Bring a notice to its target.

        Raises:
            MailNotSetUp, MailNotSent, WebhookMissing, WebhookNotSent, SecretMissing: It was not taken.
        """
        if notice.channel is Channel.MAIL:
            message = new_message(self._mailer.sender, notice.target, self.subject(notice))
            message.set_content(self.body(notice))
            self._mailer.send(message, self._timeout)
        else:
            self._post(notice)

    def subject(self, notice: Notice) -> str:
        """Return the subject: what happened to which job."""
        return text(f"notices.subject_{notice.event}", title=notice.facts["title"])

    def body(self, notice: Notice) -> str:
        """Return the text: town, job, department, times and numbers, and what to do now."""
        facts = notice.facts
        lines = [
            text("notices.head", town=self._town),
            "",
            text("notices.job", title=facts["title"], job=notice.job),
            text("notices.department", department=facts["department"]),
            text(f"notices.what_{notice.event}"),
        ]
        for name in ("started_at", "ended_at", "deadline"):
            if name in facts:
                at = local_time(datetime.fromisoformat(facts[name]), self._zone)
                lines.append(text(f"notices.{name}", at=at))
        if "arrived" in facts:
            lines.append(text("notices.arrived", arrived=facts["arrived"], at_least=facts["at_least"]))
        lines += [_count(name, number) for name, number in facts.get("counts", {}).items()]
        lines += ["", text(f"notices.do_{notice.event}", job=notice.job), "", text("notices.foot")]
        return "\n".join(lines) + "\n"

    def _post(self, notice: Notice) -> None:
        name = notice.target
        webhook = self._webhooks.get(name)
        if webhook is None:
            hint = did_you_mean(name, self._webhooks)
            raise WebhookMissing("scheduler.webhook_unknown", where=name, name=name, hint=hint)
        request = Request(self._url(webhook), data=self._json(notice), method="POST")
        request.add_header("Content-Type", "application/json; charset=utf-8")
        if webhook.secret:
            request.add_header("Authorization", f"Bearer {self._vault.get(webhook.secret).reveal()}")
        try:
            with _opener().open(request, timeout=self._timeout):
                return
        except HTTPError as error:
            error.close()
            raise _not_sent(name, str(error.code)) from None
        except (URLError, OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            told = getattr(reason, "strerror", None) or type(reason).__name__
            raise _not_sent(name, str(told)) from None  # the address may hold a key

    def _url(self, webhook: WebhookSettings) -> str:
        return self._vault.get(webhook.url_secret).reveal() if webhook.url_secret else webhook.url

    def _json(self, notice: Notice) -> bytes:
        told: dict[str, Any] = {
            "text": f"{self.subject(notice)}\n{self.body(notice)}",
            "event": notice.event,
            "job": notice.job,
            "department_id": notice.department,
            **notice.facts,
        }
        return json.dumps(told, ensure_ascii=False).encode()


class _NoRedirect(HTTPRedirectHandler):
    """A webhook that sends us elsewhere is not followed: the bearer token would go along."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Follow nowhere; the answer counts as a refusal."""


def _opener() -> OpenerDirector:
    return build_opener(ProxyHandler({}), _NoRedirect())


def _not_sent(name: str, reason: str) -> WebhookNotSent:
    return WebhookNotSent("notices.webhook_not_sent", where=name, name=name, reason=reason)


def _count(name: str, number: int) -> str:
    key = f"notices.count_{name}"
    return text(key, number=number) if has_text(key) else f"{name}: {number}"
