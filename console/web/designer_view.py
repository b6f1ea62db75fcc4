"""What the designer's pages show: words, kinds with the keys that each takes, and the design to begin with."""

from dataclasses import dataclass
from typing import Any

from jinja2.utils import htmlsafe_json_dumps
from markupsafe import Markup

from backoffice.messages import current_language, room_catalogue, text
from console.design.drafts import Draft
from console.design.studio import Studio
from console.web.doors import Visitor
from ocr.kinds import KINDS, all_kinds, keys_of, model_of

_SORTS = {
    "BoxField": "box",
    "ChoiceField": "choice",
    "DateField": "date",
    "TimeField": "time",
    "LookField": "look",
    "MarkField": "mark",
    "BarcodeField": "barcode",
    "TableField": "table",
}


@dataclass(frozen=True)
class KindRow:
    """One kind as the designer offers it.

    Attributes:
        kind: As the template says it.
        name: As people say it.
        help: What it reads, in a sentence.
        keys: What a field of it may say besides name and kind.
        sort: Which group of kinds it belongs to: box, choice, date, time, look, mark, barcode, table.
    """

    kind: str
    name: str
    help: str
    keys: tuple[str, ...]
    sort: str


def word(key: str, /, **values: Any) -> str:
    """Return a text of the designer."""
    return text(f"designer.{key}", **values)


def kind_rows() -> list[KindRow]:
    """Return every kind in the order of the reference."""
    order = [kind for kind in KINDS if kind in all_kinds()]
    return [
        KindRow(
            kind,
            word(f"kind_{kind}"),
            word(f"about_{kind}"),
            tuple(keys_of(kind)),
            _SORTS[model_of(kind).__name__],
        )
        for kind in order
    ]


def script_words() -> dict[str, str]:
    """Return every text that the scripts show, by its name without `js_`."""
    texts = room_catalogue("designer")["texts"]
    return {name[3:]: _raw(name) for name in texts if name.startswith("js_")}


def _raw(name: str) -> str:
    """Return a text with its placeholders as they stand; the script fills them in."""
    return str(room_catalogue("designer")["texts"][name][current_language()])


def as_script(facts: Any) -> Markup:
    """Return facts as JSON for a script element, options and keys in their own order."""
    return htmlsafe_json_dumps(facts, sort_keys=False, ensure_ascii=False)


def design_facts(studio: Studio, draft: Draft, visitor: Visitor) -> dict[str, Any]:
    """Return what the designer's script begins with."""
    kinds = {
        row.kind: {"name": row.name, "keys": row.keys, "sort": row.sort, "help": row.help}
        for row in kind_rows()
    }
    return {
        "draft": draft.id,
        "user": visitor.user.name,
        "csrf": visitor.csrf,
        "design": studio.design(draft),
        "revision": draft.revision,
        "needed": studio.shelf.is_needed(draft.form, draft.version) if draft.base else 0,
        "next": studio.shelf.next_version(draft.form),
        "pages": studio.seen(draft)["pages"],
        "kinds": kinds,
        "words": script_words(),
    }
