"""What the town declared: forms, lists, robots, jobs, the secrets that they name, and the networks that read."""

import base64
import importlib.metadata
import importlib.resources
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from backoffice.files import sha256_of
from backoffice.messages import text
from backoffice.settings_engine import DATABASE_PASSWORD
from console.doctor.finding import Finding, fine, warn, wrong
from console.wiring import Office

SUMS = "SHA256SUMS"


def forms(office: Office) -> Iterator[Finding]:
    """Load all forms."""
    yield fine("forms", ", ".join(office.forms) or text("operations.none"))


def robots(office: Office) -> Iterator[Finding]:
    """Load all robots."""
    yield fine("robots", ", ".join(office.robots) or text("operations.none"))


def jobs(office: Office) -> Iterator[Finding]:
    """Load all jobs and check what they name."""
    yield fine("jobs", ", ".join(office.jobs) or text("operations.none"))


def workload(office: Office) -> Iterator[Finding]:
    """Load what the town thinks of its kinds of work."""
    from scheduler.workload.rules import FILE, load_rules

    load_rules(office.configs)
    own = (office.configs / FILE).is_file()
    yield fine("workload", FILE if own else text("operations.none"))


def secrets(office: Office) -> Iterator[Finding]:
    """Look whether every secret that is named is stored; its value is never read aloud."""
    named = {name for robot in office.robots.values() for name in robot.secrets()}
    named |= set(named_in(office.settings))
    if office.engine.dialect.name == "postgresql":
        named.add(DATABASE_PASSWORD)
    missing = [name for name in sorted(named) if not office.vault.has(name)]
    if missing:
        yield wrong("secrets", "secrets_missing", names=", ".join(missing))
    else:
        yield fine("secrets", ", ".join(sorted(named)) or text("operations.none"))


def named_in(part: BaseModel) -> Iterator[str]:
    """Yield the names of secrets in settings: keys called `secret`, or ending so, whatever part they stand in."""
    for key in type(part).model_fields:
        value = getattr(part, key)
        if (key == "secret" or key.endswith("_secret")) and isinstance(value, str) and value:
            yield value
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
        for one in inner:
            if isinstance(one, BaseModel):
                yield from named_in(one)


def masters(office: Office) -> Iterator[Finding]:
    """Tell how many lists there are, and which of their characters no reader can put out."""
    from ocr.masters import load_masters, masters_folder
    from ocr.recognisers.line import LineReader

    found = {masters_folder(form.source.path) for form in office.forms.values()}
    lists = {name: master for folder in sorted(found) for name, master in load_masters(folder).items()}
    if not lists:
        yield fine("masters", text("operations.none"))
        return
    reader = LineReader(office.settings.folder("models"))
    for name, master in lists.items():
        written = "".join(sorted(master.characters()))
        never = sorted(set(written) - set(reader.known(written)))
        if never:
            yield warn("masters", "masters_never", name=name, characters=" ".join(never))
        else:
            yield fine("masters", name)


def weights(office: Office) -> Iterator[Finding]:
    """Compare the networks with the checksums that came along with them."""
    damaged = [*damaged_of_ours(), *_damaged_of_wheel()]
    for name in damaged:
        yield wrong("weights", "weights_damaged", name=name)
    from ocr.recognisers.weights import prepare_weights

    folder = prepare_weights(office.settings.folder("models"))
    prepared = folder / "inference.onnx"
    published = {digest for name, digest in _recorded() if name.endswith(".onnx")}
    if published and _digest(prepared) not in published:
        yield warn("weights", "weights_own", path=prepared)
    if not damaged:
        yield fine("weights", f"{folder.name}, {', '.join(sorted(_sums()))}")


def damaged_of_ours(folder: Path | None = None) -> list[str]:
    """Return the files of our own networks that are missing or not what `SHA256SUMS` says."""
    place = folder or _models()
    return [
        name
        for name, digest in sorted(_sums(place).items())
        if not (place / name).is_file() or sha256_of(place / name) != digest
    ]


def _models() -> Path:
    return Path(str(importlib.resources.files("ocr"))) / "models"


def _sums(folder: Path | None = None) -> dict[str, str]:
    lines = ((folder or _models()) / SUMS).read_text(encoding="ascii").splitlines()
    return {name.strip(" *"): digest for digest, _, name in (line.partition(" ") for line in lines)}


def _damaged_of_wheel() -> list[str]:
    files = importlib.metadata.files("rapidocr") or []
    places = {str(file): Path(str(file.locate())) for file in files}
    return [
        name for name, digest in _recorded() if not places[name].is_file() or _digest(places[name]) != digest
    ]


def _recorded() -> list[tuple[str, str]]:
    """Return (file, digest) of the networks that we take from the rapidocr wheel, as its RECORD says."""
    files = importlib.metadata.files("rapidocr") or []
    wanted = (file for file in files if file.suffix == ".onnx" and "PP-OCRv6" in file.name)
    return [(str(file), file.hash.value) for file in wanted if file.hash is not None]


def _digest(path: Path) -> str:
    """Return a file's SHA-256 as wheels write it (PEP 376): URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(bytes.fromhex(sha256_of(path))).rstrip(b"=").decode()
