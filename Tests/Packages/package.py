"""The packages under test, which `make deb` has made."""

import functools
import subprocess
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / ".build/packages"
FOLDERS: list[tempfile.TemporaryDirectory[str]] = []


def attempt(*command: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Runs a command, which may fail."""
    words = [str(word) for word in command]
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=120, **options)


def said(*command: object, **options: Any) -> str:
    """What a command prints. It fails with all of it where the command fails."""
    result = attempt(*command, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command} ended with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


def package(name: str) -> Path:
    [found] = PACKAGES.glob(f"{name}_*.deb")
    return found


@functools.cache
def contents(name: str) -> Path:
    """A folder with the files of a package."""
    folder = tempfile.TemporaryDirectory()
    FOLDERS.append(folder)
    said("dpkg-deb", "--extract", package(name), folder.name)
    return Path(folder.name)
