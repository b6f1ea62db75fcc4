"""Mail addresses as people write them into declarations: one plain address, without a name beside it."""

from typing import Annotated

from pydantic import AfterValidator

from backoffice.declarations import refuse


def is_address(written: str) -> bool:
    """Say whether a text has the form of one plain mail address."""
    name, at, domain = written.rpartition("@")
    plain = written.isascii() and not any(sign.isspace() or sign in "<>()," for sign in written)
    return bool(name and at and domain) and plain


def _checked(written: str) -> str:
    if not is_address(written):
        raise refuse("mail.address_wrong", value=written)
    return written


Address = Annotated[str, AfterValidator(_checked)]
"""A mail address in a declaration."""
