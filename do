#!/usr/bin/env python3
"""The one door. `./do help` lists the commands.

Needs Python 3.11 or newer with its venv module, and nothing else: what the commands use is
installed into .venv from lock.txt, checked by its hashes, the first time and whenever lock.txt
changes.
"""

import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "lock.txt"
STAMP = VENV / "installed-from"
OLDEST = (3, 11)

HELP = """\
./do demo [--provider NAME] [--port NUMBER] [--data FOLDER]
              everything on this machine, with a believable provider and stand-ins for the
              outside: PayPal, an authority, a mail inbox. Ctrl-C stops it.
              NAME is electric (trade courses, port 8000), seminars (behavioral health, 8100)
              or engineers (professional engineers, 8200). Each keeps its own data in
              .data/NAME and uses six ports, so all three can run side by side.
./do test [pytest's arguments]
              all tests, on a PostgreSQL and in a Chromium of their own
./do check    format, lint, map, types, architecture and pure rules, in less than a minute
./do run      the same processes for production, told by the environment
./do faults [--kills 500] [--seed N]
              kills the program's processes at random lines of the main job (docs/faults.md)
./do bench [page or operation ...]
              measures what pages and saves cost against their budgets (benchmarks/budgets.yaml)
./do verdict < CASE.json
./do verdict --describe AUTHORITY
./do verdict --list
              may this license be renewed with these hours? A case as JSON in, the verdict as
              JSON out (docs/verdicts.md); or the words that an authority's rules ask for
./do messages [--out FILE]
              collects every sentence to be translated, and compiles the translations
./do policy check FOLDER
              every fault of a privacy policy, with its file, its line and a cure
./do policy show FOLDER [--rules] [--as fideslang|dpv]
              its text, with --rules what keeps each clause; or what other programs read
./do policy diff OLD NEW [--data FOLDER] [--json]
              which sentences a new version changes, and what it lets out more widely; with the
              folder of a running demo also whom it concerns there. OLD and NEW are folders, or
              with --data also numbers of versions that are published there
./do licenses import FILE --layout NAME --listed-on DATE [--demo NAME]
./do licenses layouts
              looks up the licenses that people entered in an authority's public list
./do ledger verify [--data FOLDER] [--published FILE]
              whether the ledger of releases is as it was sealed: every row, every seal, and what
              was published outside. FOLDER is that of a demo that runs, FILE a copy of ledger.txt
./do certificates bundle FOLDER | keys | replace-key certificates|badges [--demo NAME]
              a folder that checks certificates without us; the keys that sign them, and a new one
              in the place of one that may have leaked
./do promises [--json]
              which promise of the policy is proved by which tests
./do help     this text"""


def main(words):
    command, rest = (words[0], words[1:]) if words else ("help", [])
    if command in ("help", "-h", "--help"):
        print(HELP)
        return
    with_postgres = ["creditable.ops.postgres", str(PYTHON), "-m"]
    modules = {
        "demo": ["creditable.ops.start", "demo"],
        "test": [*with_postgres, "pytest", "--numprocesses", "2", "--dist", "loadgroup"],
        "check": [*with_postgres, "creditable.ops.check"],
        "faults": [*with_postgres, "tests.faults.kills"],
        "run": ["creditable.ops.start", "run"],
        "bench": ["benchmarks"],
        "certificates": ["creditable.ops.certificates"],
        "ledger": ["creditable.ops.ledger"],
        "licenses": ["creditable.ops.licenses"],
        "messages": ["creditable.ops.messages"],
        "policy": ["creditable.ops.policy"],
        "promises": ["creditable.ops.promises"],
        "verdict": ["creditable.ops.verdict"],
    }
    if command not in modules:
        sys.exit(f"There is no command {command}.\n\n{HELP}")
    set_up()
    # Compiled modules go below .venv: every start is faster, and the sources stay clean.
    environment = dict(os.environ, PYTHONPYCACHEPREFIX=str(VENV / "bytecode"))
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if command in ("test", "check", "faults"):
        environment = without_settings(environment)
    if command == "test":
        environment["CHROMIUM"] = chromium()
    os.chdir(ROOT)
    sys.stdout.flush()
    os.execve(PYTHON, [str(PYTHON), "-m", *modules[command], *rest], environment)


def set_up():
    """.venv holds exactly what lock.txt names."""
    use_a_python_that_is_new_enough()
    if not sys.platform.startswith("linux"):
        sys.exit("Creditable runs on Linux: use a Linux machine, virtual machine or container.")
    import fcntl
    import hashlib

    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()

    def done():
        return STAMP.exists() and STAMP.read_text() == wanted and os.access(PYTHON, os.X_OK)

    if done():
        return
    if not os.access(ROOT, os.W_OK):
        sys.exit(f"Nothing is installed yet and {ROOT} may not be written: run this as its owner.")
    turn = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(turn, fcntl.LOCK_EX)
    if not done():
        print("Setting up .venv (the first time, and when lock.txt has changed):", flush=True)
        if not (os.access(PYTHON, os.X_OK) and (VENV / "bin" / "pip").exists()):
            step("a Python environment", make_environment)
        step("the installer", install_uv)
        step("the packages of lock.txt", install_packages)
        STAMP.write_text(wanted)
    os.close(turn)


def use_a_python_that_is_new_enough():
    if sys.version_info[:2] >= OLDEST:
        return
    for minor in range(20, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, str(ROOT / "do"), *sys.argv[1:]])
    sys.exit(
        f"Creditable needs Python 3.11 or newer and this is {sys.version.split()[0]}: install one"
        " (Debian 12 and Ubuntu 24.04 have it as python3) and run this again."
    )


def step(what, work):
    import time

    begun = time.monotonic()
    print(f"  {what} ...", end=" ", flush=True)
    work()
    print(f"{time.monotonic() - begun:.1f} s", flush=True)


def make_environment():
    try:
        import ensurepip  # noqa: F401 - Debian packs it apart
        import venv
    except ImportError:
        sys.exit(
            "\nThis Python lacks its venv module: install it (Debian, Ubuntu: apt-get install"
            " python3-venv) and run this again."
        )
    venv.create(str(VENV), clear=True, with_pip=True, symlinks=True)


def install_uv():
    """uv alone, in the version and with the hashes of lock.txt."""
    lines = LOCK.read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("uv=="))
    last = first + 1
    while last < len(lines) and lines[last].startswith(" "):
        last += 1
    only_uv = VENV / "uv.txt"
    only_uv.write_text("\n".join(lines[first:last]) + "\n")
    run(pip("--no-deps", "-r", only_uv), "uv could not be installed")


def install_packages():
    """With uv, and with pip where uv fails: pip knows this machine's own mirrors and proxies."""
    import subprocess

    # uv trusts the certificates of this machine, as pip does (two names: newer, older).
    environment = dict(os.environ, UV_SYSTEM_CERTS="1", UV_NATIVE_TLS="1")
    cache = VENV / "cache"
    if not os.access(os.path.expanduser("~"), os.W_OK):  # noqa: PTH111 - never raises
        environment["UV_CACHE_DIR"] = str(cache)
    uv = [VENV / "bin" / "uv", "pip", "sync", "--quiet", "--require-hashes"]
    tried = subprocess.run(
        [*uv, "--python", PYTHON, LOCK], env=environment, capture_output=True, check=False
    )
    shutil.rmtree(cache, ignore_errors=True)
    if tried.returncode != 0:
        print("with pip, since uv failed (this takes about two minutes) ...", end=" ", flush=True)
        run(pip("--no-deps", "-r", LOCK), "The packages could not be installed")


def pip(*words):
    command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return [*command, "--require-hashes", *words]


def run(command, complaint):
    import subprocess

    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != 0:
        tail = "\n".join(done.stdout.splitlines()[-15:])
        sys.exit(f"\n{complaint} (is the package registry reachable?):\n{tail}")


def without_settings(environment):
    """What tests see does not depend on the installation that this terminal was set up for."""
    kept = {
        name: value
        for name, value in environment.items()
        if name == "CREDITABLE_POSTGRES_BIN" or not name.startswith(("CREDITABLE_", "PG"))
    }
    return dict(kept, CREDITABLE_DEMO="1")


def chromium():
    """The browser that the tests drive; root on a Debian gets it installed."""
    named = os.environ.get("CHROMIUM")
    if named:
        if not shutil.which(named):
            sys.exit(f"CHROMIUM names {named}, which is no program: correct or unset it.")
        return shutil.which(named)
    found = find_chromium()
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        step("Chromium, for the browser tests", install_chromium)
        found = find_chromium()
    if not found:
        sys.exit(
            "The tests drive Chromium and none was found: install it (Debian: apt-get install"
            " chromium) or name its program in CHROMIUM."
        )
    return found


def find_chromium():
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def install_chromium():
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run(["apt-get", "update", "-qq"], "apt-get update failed")
    run(["apt-get", "install", "-y", "-qq", "chromium"], "Chromium could not be installed")


if __name__ == "__main__":
    main(sys.argv[1:])
