"""Prepare this checkout and run Hakadori in it: `python3 start.py demo` is all that a newcomer types.

The first start makes `.venv` beside this file, installs exactly the versions of constraints.txt, looks for a
browser and, on Debian as root, installs the system packages that are missing. Later starts see from a stamp
that nothing changed and go straight on. What this file says goes to stderr, so the output of
`start.py hakadori … --json` stays pure. It needs nothing but the standard library; its parts lie in
backoffice/bootstrap.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whoever starts it with an older Python must be told why it fails
    found = "{}.{}".format(*sys.version_info)
    sys.stderr.write(
        "Python 3.11 以上が必要です (いまは "
        + found
        + ")。新しい Python で実行してください: python3.11 start.py\n"
        "Hakadori needs Python 3.11 or newer (this is " + found + "). Use that one: python3.11 start.py\n"
    )
    sys.exit(2)

import difflib
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from backoffice.bootstrap import debian
from backoffice.bootstrap.browsers import find_browser
from backoffice.bootstrap.checkout import Checkout
from backoffice.bootstrap.errors import PreparationFailed, WrongStart
from backoffice.errors import HakadoriError, UserError
from backoffice.messages import text, use_language

ROOT = Path(__file__).resolve().parent
VERBS = ("setup", "demo", "serve", "hakadori", "test", "lint")
CHECKS = {
    "ruff format": ("-m", "ruff", "format", "--check", "."),
    "ruff check": ("-m", "ruff", "check", "."),
    "mypy": ("-m", "mypy"),
}
INTERRUPTED = 130
MOST_PROCESSES = 4
"""More processes of tests than this want more memory than an ordinary PC has: some hold the reader and a browser."""


def main(arguments: Sequence[str]) -> int:
    """Run one verb.

    Args:
        arguments: The verb and what follows it.

    Returns:
        The exit code of the verb's command; 2 for a wrong start, 5 when packages need the administrator, 10
        when the preparation failed.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a Windows console of another code page shows ? and goes on
    use_language(choose_language(os.environ))
    try:
        return run_verb(Checkout(ROOT), list(arguments))
    except HakadoriError as error:
        sys.stderr.write(f"\n{error.explain()}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


def choose_language(environ: Mapping[str, str]) -> str:
    """Return "ja" or "en": HAKADORI_LANGUAGE, else the locale's language, else Japanese."""
    named = (environ.get(name, "") for name in ("HAKADORI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"))
    first = next((name for name in named if name[:2] in ("ja", "en")), "ja")
    return first[:2]


def run_verb(checkout: Checkout, arguments: list[str]) -> int:
    """Prepare what the verb needs, then do it; see `main` for the exit code."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stderr.write(text("start.usage", python=python_name()))
        return 0 if arguments else UserError.exit_code
    verb, *rest = arguments
    if verb not in VERBS:
        raise WrongStart("start.unknown_verb", verb=verb, hint=_hint(verb), verbs=", ".join(VERBS))
    prepare(checkout, verb)
    if verb == "setup":
        return _tell_ready()
    if verb in ("test", "lint"):
        return check(checkout, rest, tests=verb == "test")
    if verb == "hakadori":
        return hand_over(checkout, rest, cwd=None)
    return hand_over(checkout, [verb, *rest], cwd=checkout.root)


def prepare(checkout: Checkout, verb: str) -> None:
    """Bring system packages and environment up to date; quick when nothing is missing.

    Args:
        checkout: Where we are.
        verb: What is wanted: `test` needs more packages than the others; `hakadori` and `lint` look at the
            system's packages only while the environment is unfinished.

    Raises:
        HakadoriError: When something is missing that we cannot bring.
    """
    ready = checkout.is_ready()
    if not ready:
        sys.stderr.write(text("start.renewing" if checkout.found_stamp() else "start.first_time") + "\n")
    if not ready or verb not in ("hakadori", "lint"):
        prepare_system(checkout, tests=verb == "test")
    if not ready:
        checkout.prepare()


def prepare_system(checkout: Checkout, *, tests: bool) -> None:
    """Install the missing system packages where that is possible, and insist on a browser.

    Raises:
        PackagesMissing: On Debian without being root.
        UserError: When there is no browser and no way to install one.
    """
    if debian.is_debian():
        missing = debian.missing_packages(os.environ, tests=tests)
        if missing:
            debian.install(missing, checkout.log)
    if find_browser(os.environ) is None:
        raise UserError("start.browser_missing")


def check(checkout: Checkout, pytest_arguments: Sequence[str], *, tests: bool) -> int:
    """Run the checks one after the other, all of them even when one fails; pytest comes last.

    Returns:
        pytest's exit code when it failed, else 1 when another check failed, else 0.
    """
    python = str(checkout.program("python"))
    failed, code = [], 0
    for name, arguments in CHECKS.items():
        sys.stderr.write(text("start.checking", name=name) + "\n")
        if subprocess.call([python, *arguments], cwd=checkout.root):
            failed.append(name)
    if tests:
        sys.stderr.write(text("start.checking", name="pytest") + "\n")
        words, environ = spread(checkout.root, pytest_arguments, os.cpu_count() or 1)
        command = [python, "-m", "pytest", *words, *pytest_arguments]
        code = subprocess.call(command, cwd=checkout.root, env={**environ, **os.environ})
    if failed:
        sys.stderr.write(text("start.checks_failed", names=", ".join(failed)) + "\n")
    return code or int(bool(failed))


def spread(root: Path, pytest_arguments: Sequence[str], cores: int) -> tuple[list[str], dict[str, str]]:
    """Say how the tests are shared out among processes: whole files each, in their order, the slow ones come first.

    One or more named files are run in one process, which begins at once; `-n` overrides (`-n 0`: no sharing).

    Args:
        root: The checkout.
        pytest_arguments: What pytest gets besides.
        cores: CPU cores of this machine.

    Returns:
        Further arguments of pytest, and environment variables that keep the processes from fighting for cores.
    """
    named = [argument.partition("::")[0] for argument in pytest_arguments if not argument.startswith("-")]
    if any((root / name).is_file() for name in named):
        return [], {}
    processes = min(max(cores, 2), MOST_PROCESSES)
    threads = str(max(1, cores // processes))
    words = ["-n", str(processes), "--dist", "loadfile", "--no-loadscope-reorder"]
    return words, {"OMP_NUM_THREADS": threads, "HAKADORI_OCR__THREADS": threads}


def hand_over(checkout: Checkout, arguments: Sequence[str], *, cwd: Path | None) -> int:
    """Become the command `hakadori`: its streams, its signals, its exit code.

    Args:
        checkout: Where we are.
        arguments: What hakadori gets.
        cwd: Where it runs; None leaves it where the user is, so that relative file names mean what they say.

    Raises:
        PreparationFailed: When the environment has lost the command.
    """
    program = checkout.program("hakadori")
    if not program.exists():
        raise PreparationFailed("start.program_missing", program=str(program))
    if cwd:
        os.chdir(cwd)
    sys.stdout.flush()
    sys.stderr.flush()
    environ = {**os.environ, "PYTHONUTF8": "1"}
    if os.name != "nt":
        os.execve(program, [str(program), *arguments], environ)
    return _wait_for([str(program), *arguments], environ)


def python_name() -> str:
    """Return what a person types to start Python on this system."""
    return "python" if os.name == "nt" else "python3"


def _wait_for(command: Sequence[str], environ: Mapping[str, str]) -> int:
    # Windows cannot replace a process. Ctrl+C reaches the child too, which ends by itself with its own code.
    process = subprocess.Popen(command, env=environ)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


def _tell_ready() -> int:
    sys.stderr.write(text("start.browser_found", path=find_browser(os.environ)) + "\n")
    sys.stderr.write(text("start.ready", python=python_name()) + "\n")
    return 0


def _hint(verb: str) -> str:
    near = difflib.get_close_matches(verb, VERBS, n=1)
    return text("backoffice.did_you_mean", names=near[0]) if near else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
