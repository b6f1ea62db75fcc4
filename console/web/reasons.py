"""A reason that was kept with a file or a document, as a person reads it at a glance."""

from backoffice.messages import error_text, has_text, text


def reason_words(reason: str, name: str) -> str:
    """Return a kept reason as a person reads it at a glance.

    A catalogue key is looked up. Of an explanation over several lines the first is taken, without the file's name,
    which stands beside it.
    """
    first = reason.partition("\n")[0].removeprefix(f"{name}: ")
    if not first.replace(".", "").replace("_", "").isascii() or " " in first:
        return first
    if not reason:
        return ""
    try:
        return text(reason, name=name) if has_text(reason) else error_text(reason, name=name).what
    except (KeyError, IndexError):  # unknown, or it has placeholders whose values were not kept
        return text("console.reason_other")
