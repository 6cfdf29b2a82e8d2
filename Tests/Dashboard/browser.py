"""Drives a headless Chromium through the DevTools protocol, over a pair of pipes, with the standard library alone."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time
from pathlib import Path


class Failed(Exception):
    """The page or the browser did not do what was asked."""


class Browser:
    """A headless browser with one page. It answers calls one after another and keeps every event."""

    def __init__(self, width: int = 1280, height: int = 900, timeout: float = 20):
        name = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if name is None:
            raise Failed("Chromium is not installed; `make test` installs what the tests need")
        self.timeout = timeout
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        inner, self.to = os.pipe()
        self.source, outer = os.pipe()
        # Chromium reads commands from descriptor 3 and writes answers to 4, which may be among these.
        ends = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 10) for descriptor in (inner, outer)]
        os.close(inner)
        os.close(outer)
        command = f'exec 3<&{ends[0]} 4>&{ends[1]} {ends[0]}<&- {ends[1]}>&-; exec "$0" "$@"'
        options = [
            "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.profile.name}", "--no-first-run",
            "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-default-apps", "--metrics-recording-only",
            "--no-default-browser-check", "--mute-audio", "--hide-scrollbars", "--force-device-scale-factor=1",
            "--disable-features=Translate,OptimizationHints,MediaRouter", f"--window-size={width},{height}",
        ]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        self.process = subprocess.Popen(
            ["bash", "-c", command, name, *options, "about:blank"], pass_fds=ends,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for descriptor in ends:
            os.close(descriptor)
        self.rest, self.next, self.events = b"", 0, []
        self.session = None
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.resize(width, height)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.source)
        self.profile.cleanup()

    # The protocol

    def call(self, method: str, **parameters) -> dict:
        """Calls a method, and returns what it answers."""
        self.next += 1
        number = self.next
        message = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        end = time.monotonic() + self.timeout
        while True:
            answer = self.read(end)
            if answer is None:
                raise Failed(f"the browser does not answer {method}")
            if answer.get("id") == number:
                if "error" in answer:
                    raise Failed(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def read(self, end: float) -> dict | None:
        """The next message. Events are kept. None after `end`."""
        while b"\0" not in self.rest:
            ready, _, _ = select.select([self.source], [], [], max(0, end - time.monotonic()))
            if not ready:
                return None
            piece = os.read(self.source, 1 << 20)
            if not piece:
                raise Failed("the browser has ended")
            self.rest += piece
        message, _, self.rest = self.rest.partition(b"\0")
        value = json.loads(message)
        if "method" in value:
            self.events.append(value)
        return value

    # The page

    def open(self, url: str) -> None:
        """Opens a page, and waits until it is loaded."""
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'", f"{url} is loaded")

    def run(self, expression: str):
        """The value of a JavaScript expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True,
                           allowUnsafeEvalBlockedByCSP=False)
        if "exceptionDetails" in result:
            raise Failed(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    def until(self, expression: str, what: str, within: float = 15):
        """Waits until an expression is true, and returns its value."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            value = self.run(expression)
            if value:
                return value
            time.sleep(0.05)
        raise Failed(f"not within {within} s: {what}\n{self.run('document.body.innerText')}")

    def text(self, selector: str) -> str:
        """The visible text of an element."""
        return self.run(f"document.querySelector({json.dumps(selector)}).innerText") or ""

    def type(self, text: str) -> None:
        """Types into whatever has the focus."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, *, shift: bool = False) -> None:
        """Presses and releases a key."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowRight": 39}
        text = {"Enter": "\r", " ": " "}.get(key, "")
        member = {"key": key, "code": key if key != " " else "Space", "windowsVirtualKeyCode": codes[key],
                  "modifiers": 8 if shift else 0}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **member)
        self.call("Input.dispatchKeyEvent", type="keyUp", **member)

    def resize(self, width: int, height: int) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                  mobile=width < 600)

    def prefer(self, **features: str) -> None:
        """Sets media features, such as prefers_color_scheme="dark"."""
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
        ])

    def picture(self, file: Path, *, whole: bool = False) -> None:
        """Writes what the page looks like as a PNG."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        file.write_bytes(base64.b64decode(data))

    # What it has done

    def complaints(self) -> list[str]:
        """What stands in the console: errors, warnings and uncaught exceptions."""
        self.run("1")
        found = []
        for event in self.events:
            parameters = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(str(parameters["exceptionDetails"].get("exception", parameters)))
            elif event["method"] == "Log.entryAdded" and parameters["entry"]["level"] in ("error", "warning"):
                found.append(f"{parameters['entry']['text']} {parameters['entry'].get('url', '')}")
            elif event["method"] == "Runtime.consoleAPICalled" and parameters["type"] in ("error", "warning", "assert"):
                found.append(str(parameters["args"]))
        return found

    def requests(self) -> list[str]:
        """The URLs that it has asked for."""
        return [event["params"]["request"]["url"] for event in self.events
                if event["method"] == "Network.requestWillBeSent"]
