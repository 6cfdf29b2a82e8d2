"""A Debian of its own: a file tree from debootstrap, and systemd as the first process of a container in it."""

import ctypes
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

CLONE_NEWNET = 0x40000000


class Machine:
    """A Debian that has been started. Its network is its own and has nothing but a loopback interface."""

    def __init__(self, tree: Path, log: Path) -> None:
        self.tree = tree
        self.log = log.open("wb")
        # It is registered with no service of this machine, so that none has to run here.
        self.container = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--machine=gateway-test",
             f"--directory={tree}", "--boot"],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            self.first_process = self._first_process()
            self.run("systemctl is-system-running --wait", checked=False)
        except BaseException:
            self.stop()
            raise

    def _first_process(self) -> int:
        """The number that systemd has outside of the container."""
        end = time.monotonic() + 30
        while time.monotonic() < end:
            if self.container.poll() is not None:
                raise RuntimeError(f"the container did not start: {Path(self.log.name).read_text()}")
            for child in Path(f"/proc/{self.container.pid}/task/{self.container.pid}/children").read_text().split():
                if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                    # It is not ready for anything before it answers.
                    asked = ["nsenter", "--target", child, "--all", "systemctl", "show-environment"]
                    if subprocess.run(asked, check=False, capture_output=True).returncode == 0:
                        return int(child)
            time.sleep(0.1)
        raise RuntimeError(f"systemd did not start within 30 s: {Path(self.log.name).read_text()}")

    def run(self, command: str, checked: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command of the shell in the container, as root."""
        result = subprocess.run(
            ["nsenter", "--target", str(self.first_process), "--all", "--wd=/", "/bin/bash", "-c", command],
            check=False, capture_output=True, text=True, timeout=120, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
        )  # fmt: skip
        if checked and result.returncode != 0:
            raise RuntimeError(f"{command}\nended with {result.returncode}:\n{result.stdout}{result.stderr}")
        return result

    def output(self, command: str) -> str:
        return self.run(command).stdout.strip()

    def join_network(self) -> None:
        """Moves the calling thread, and the threads that it starts later, into the container's network."""
        with open(f"/proc/{self.first_process}/ns/net") as namespace:
            if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "cannot enter the network of the container")

    def stop(self) -> None:
        # Without its first process, the system ends all others of the container. Stopping it would wait for services.
        for child in Path(f"/proc/{self.container.pid}/task/{self.container.pid}/children").read_text().split():
            os.kill(int(child), signal.SIGKILL)
        self.container.kill()
        self.container.wait()
        self.log.close()


def debian(tree: Path, packages: list[str], log: Path) -> None:
    """Puts a fresh Debian with these packages at `tree`, from a copy that is kept."""
    kept = tree.with_name(tree.name + "-kept")
    wanted = " ".join(sorted(packages))
    stamp = kept / "packages"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(kept, ignore_errors=True)
        with log.open("wb") as file:
            subprocess.run(
                ["debootstrap", "--variant=minbase", f"--include={','.join(packages)}", "bookworm", str(kept / "tree")],
                check=True, stdout=file, stderr=subprocess.STDOUT,
            )  # fmt: skip
        stamp.write_text(wanted)
    shutil.rmtree(tree, ignore_errors=True)
    subprocess.run(["cp", "--archive", str(kept / "tree"), str(tree)], check=True)


def is_root() -> bool:
    return os.geteuid() == 0
