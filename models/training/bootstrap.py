"""Runs train.py in its own virtual environment; the arguments go to train.py."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import venv
from pathlib import Path

TRAINING_DIR = Path(__file__).resolve().parent
VENV_DIR = TRAINING_DIR / ".venv"
REQUIREMENTS = TRAINING_DIR / "requirements.txt"
INSTALLED_STAMP = VENV_DIR / "requirements.sha256"
MINIMUM_PYTHON = (3, 11)


def environment_python() -> Path:
    """The interpreter inside the virtual environment."""
    if sys.platform == "win32":
        return VENV_DIR / "Scripts" / "python.exe"
    return VENV_DIR / "bin" / "python"


def wanted_stamp() -> str:
    """Identifies what must be installed: the pins and the Python that they are built for."""
    digest = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    return f"{sys.version_info.major}.{sys.version_info.minor} {digest}"


def ensure_environment() -> None:
    """Creates the environment and installs the pins, unless both are there already."""
    stamp = wanted_stamp()
    installed = INSTALLED_STAMP.read_text(encoding="utf-8") if INSTALLED_STAMP.exists() else None
    if installed == stamp and environment_python().exists():
        return
    print("Preparing the training environment...", file=sys.stderr, flush=True)
    venv.create(VENV_DIR, clear=True, with_pip=True)
    pip = [str(environment_python()), "-m", "pip", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "-r", str(REQUIREMENTS)], check=True)
    # Written last: an interrupted installation is repeated, not trusted.
    INSTALLED_STAMP.write_text(stamp, encoding="utf-8")


def main() -> int:
    if sys.version_info < MINIMUM_PYTHON:
        wanted = ".".join(map(str, MINIMUM_PYTHON))
        print(f"Training needs Python {wanted} or later.", file=sys.stderr)
        return 2
    try:
        ensure_environment()
    except subprocess.CalledProcessError as error:
        print("Preparing the training environment failed.", file=sys.stderr)
        return error.returncode
    train = [str(environment_python()), str(TRAINING_DIR / "train.py")]
    return subprocess.run([*train, *sys.argv[1:]], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
