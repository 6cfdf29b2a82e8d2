"""Builds the final stage of the Containerfile and runs the image: as its user, with a root that is read-only.

usage: python3 Tests/Packages/Installed/image.py

No image is fetched: the base is a file tree of debootstrap's under the name of Debian's image, and what the first stage
would make is taken from what `make build` has made here. Needs root, debootstrap, buildah and systemd-nspawn.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from machine import debian, is_root

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / ".build-tools"
STORAGE = BUILD / "images"
KEY = "sk-of-the-test"


def buildah(*arguments: object) -> str:
    words = ["buildah", "--storage-driver", "vfs", "--root", STORAGE / "root", "--runroot", STORAGE / "run", *arguments]
    environment = dict(os.environ, BUILDAH_ISOLATION="chroot")
    result = subprocess.run(list(map(str, words)), check=False, capture_output=True, text=True, env=environment)
    if result.returncode != 0:
        sys.exit(f"test-image: {' '.join(map(str, words))} failed:\n{result.stdout}{result.stderr}")
    return result.stdout.strip()


def claim(holds: bool, sentence: str, details: object = "") -> None:
    if not holds:
        sys.exit(f"test-image: failed: {sentence}: {details}")
    print(f"  {sentence}")


def built() -> None:
    """Builds the image `gateway`."""
    tree, stage = BUILD / "debian-image", STORAGE / "stage"
    debian(tree, ["ca-certificates"], BUILD / "debootstrap.log")
    base = buildah("from", "scratch")
    buildah("add", "--quiet", base, tree, "/")
    subprocess.run(["rm", "-rf", tree], check=True)
    buildah("commit", "--quiet", "--rm", base, "docker.io/library/debian:12-slim")
    installed = ["scripts/install.sh", "install", str(stage / "image"), "/usr", "local", "redis", "s3"]
    subprocess.run(installed, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    file = ROOT / "packaging/container/Containerfile"
    buildah("build", "--format", "docker", "--pull-never", "--build-context", f"build={stage}", "--file", file,
            "--tag", "gateway", ROOT)  # fmt: skip


def running(root: str, image: dict[str, object], *options: str) -> subprocess.Popen[bytes]:
    """Starts the image's command as a container engine would, with no network and nothing to write to."""
    user = str(image["User"]).split(":")
    command = [*image["Entrypoint"], *image["Cmd"]]
    return subprocess.Popen(
        ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--machine=gateway-image",
         "--read-only", f"--directory={root}", "--as-pid2", "--kill-signal=SIGTERM", *options, "setpriv",
         f"--reuid={user[0]}", f"--regid={user[1]}", "--clear-groups", "--no-new-privs", "--bounding-set=-all",
         *command],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def process(container: subprocess.Popen[bytes]) -> int:
    """The number of the gateway's process."""
    end = time.monotonic() + 90
    while time.monotonic() < end:
        found = subprocess.run(["pgrep", "--exact", "gateway"], check=False, capture_output=True, text=True)
        for number in found.stdout.split():
            ancestor = int(number)
            while ancestor > 1 and ancestor != container.pid:
                ancestor = int(Path(f"/proc/{ancestor}/stat").read_text().rpartition(")")[2].split()[1])
            if ancestor == container.pid:
                return int(number)
        time.sleep(0.1)
    ended(container)
    raise RuntimeError(f"the gateway did not start: {container.communicate()[0].decode()}")


def ended(container: subprocess.Popen[bytes]) -> None:
    """Ends the container with all that is in it: without the first process, the others are ended by the system."""
    if container.poll() is not None:
        return
    for child in Path(f"/proc/{container.pid}/task/{container.pid}/children").read_text().split():
        os.kill(int(child), signal.SIGKILL)
    container.kill()
    container.wait()


def within(number: int, *command: str) -> subprocess.CompletedProcess[str]:
    words = ["nsenter", "--target", str(number), "--mount", "--net", "--pid", "--root", "--wd=/", *command]
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=30)


def used(root: str, image: dict[str, object]) -> None:
    refused = running(root, image).communicate(timeout=60)[0].decode()
    claim("GATEWAY_MASTER_KEY" in refused, "without a key it says which variable it wants, and ends", refused)
    container = running(root, image, f"--setenv=GATEWAY_MASTER_KEY={KEY}")
    try:
        number = process(container)
        check = image["Healthcheck"]["Test"][1:]
        end = time.monotonic() + 90
        while within(number, *check).returncode != 0 and time.monotonic() < end:
            time.sleep(0.2)
        claim(within(number, *check).returncode == 0, "its health check succeeds")
        claim(within(number, *check, "1").returncode != 0, "the health check fails where nothing answers")
        status = Path(f"/proc/{number}/status").read_text()
        claim("Uid:\t10001\t10001\t10001\t10001" in status, "it does not run as root", status)
        written = within(number, "touch", "/etc/gateway/written")
        claim("Read-only file system" in written.stderr, "its root is read-only", written.stderr)
        os.kill(number, signal.SIGTERM)
        said = container.communicate(timeout=60)[0].decode()
        claim(container.returncode == 0 and "stopped" in said, "the signal that stops it ends it well", said)
    finally:
        ended(container)


def main() -> None:
    if not is_root():
        sys.exit("test-image: this needs root, since it starts containers; run it with sudo")
    shutil.rmtree(STORAGE, ignore_errors=True)
    STORAGE.mkdir(parents=True)
    try:
        built()
        image = json.loads(buildah("inspect", "--type", "image", "gateway"))["Docker"]["config"]
        claim(image["Healthcheck"] and image.get("StopSignal") == "SIGTERM" and not image.get("Volumes"),
              "it has a health check, a signal to stop it, and no volume", image)  # fmt: skip
        container = buildah("from", "--pull-never", "gateway")
        used(buildah("mount", container), image)
        size = sum(path.lstat().st_size for path in Path(buildah("mount", container)).rglob("*") if path.is_file())
        print(f"  ({size >> 20} MiB of files, with the base of debootstrap, which is larger than Debian's slim image)")
    finally:
        subprocess.run(["rm", "-rf", STORAGE], check=False)
    print("test-image: all is well")


if __name__ == "__main__":
    main()
