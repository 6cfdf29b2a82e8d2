"""Runs `gateway top` in a pseudo terminal, and checks what it draws and that the terminal is given back.

usage: python3 Tests/Dashboard/terminal.py GATEWAY URL MASTER-KEY
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time


class Failed(Exception):
    pass


def check(condition, what) -> None:
    if not condition:
        raise Failed(str(what))


class Top:
    """`gateway top` in a terminal of some size."""

    def __init__(self, command: list[str], environment: dict[str, str], columns: int = 100, lines: int = 40):
        self.master, self.slave = pty.openpty()
        self.resize(columns, lines)
        self.before = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command], env=environment, stdin=self.slave, stdout=self.slave,
            stderr=subprocess.PIPE,
        )
        self.output = b""

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def until(self, pattern: str, what: str, within: float = 10) -> None:
        """Reads on until what was drawn since the last call has a match."""
        end = time.monotonic() + within
        while not re.search(pattern.encode(), self.output):
            ready, _, _ = select.select([self.master], [], [], max(0, end - time.monotonic()))
            check(ready, f"not drawn: {what}\n{self.output!r}")
            self.output += os.read(self.master, 65536)

    def frame(self, what: str) -> list[str]:
        """The lines of the next whole picture."""
        self.output = b""
        self.until(r"\x1b\[H[^\x00]*\x1b\[J", what)
        text = self.output.decode().rpartition("\x1b[H")[2].partition("\x1b[J")[0]
        return [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in text.replace("\r", "").split("\n")]

    def end(self, within: float = 5) -> int:
        """Waits for its end, and checks that the terminal is as it was."""
        status = self.process.wait(within)
        while select.select([self.master], [], [], 0.1)[0]:
            self.output += os.read(self.master, 65536)
        isBack = self.output.endswith(b"\x1b[?7h\x1b[?25h\x1b[?1049l")
        check(isBack, f"the screen is not given back: {self.output[-80:]!r}")
        check(termios.tcgetattr(self.slave) == self.before, "the settings of the terminal are not given back")
        return status


def main() -> None:
    gateway, url, key = sys.argv[1:]
    environment = {"GATEWAY_MASTER_KEY": key, "LANG": "C.UTF-8", "TERM": "xterm", "PATH": os.environ["PATH"]}
    command = [gateway, "top", "--admin", url, "--interval", "1"]

    top = Top(command, environment)
    top.until(r"\x1b\[\?1049h", "another screen")
    lines = top.frame("the first picture")
    text = "\n".join(lines)
    for part in ("gateway ", "serving", "Backend    local up", "Load       ", "EVENTS"):
        check(part in text, f"{part} is not in\n{text}")
    check(len(lines) <= 40 and all(len(line) <= 100 for line in lines), text)
    check(not re.search("[\x00-\x08\x0b-\x1f\x7f]", text), text)
    first = lines[0]
    second = top.frame("the next picture")[0]
    check(first[:8] == second[:8] and first != second, "it is drawn again after a second")
    top.resize(50, 8)
    for _ in range(5):
        lines = top.frame("a smaller picture")
        if len(lines) <= 8:
            break
    check(len(lines) <= 8 and all(len(line) <= 50 for line in lines), lines)
    os.write(top.master, b"x")
    os.write(top.master, b"q")
    check(top.end() == 0, "q quits")

    for what, ending in (("Ctrl-C", lambda top: os.write(top.master, b"\x03")),
                         ("SIGTERM", lambda top: top.process.send_signal(signal.SIGTERM))):
        top = Top(command, {**environment, "LANG": "C", "NO_COLOR": "1"})
        lines = top.frame("a picture without colours")
        check(all(line.isascii() for line in lines), lines)
        ending(top)
        check(top.end() == 0, f"{what} ends it")

    top = Top([gateway, "top", "--admin", "http://127.0.0.1:1"], environment)
    check(top.process.wait(5) == 1, "no gateway is reached")
    check(b"is not reached" in top.process.stderr.read(), "it is not said why")
    check(not select.select([top.master], [], [], 0.1)[0], "the screen was taken although there is nothing to show")
    print("gateway top does what it should")


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"gateway top: {failure}")
