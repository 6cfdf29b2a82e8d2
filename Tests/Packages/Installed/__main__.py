"""Uses the Debian packages as a stranger would, in a Debian of their own whose first process is systemd.

usage: python3 Tests/Packages/Installed FOLDER-OF-PACKAGES

Installed, started, queried, reloaded, restarted with secrets, upgraded with streams open, killed, removed and purged.
Each step is a claim. Needs root, debootstrap and systemd-nspawn.
"""

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from machine import Machine, debian, is_root
from model import Load, Stream, answer, slow_model

ROOT = Path(__file__).resolve().parents[3]
KEY = "sk-of-the-test"
CONFIGURATION = """
model_list:
  - model_name: hello
    litellm_params: {model: openai/hello, mock_response: "Changed."}
  - model_name: slow
    litellm_params: {model: openai/slow, api_base: "http://127.0.0.1:%d/v1", api_key: none}
litellm_settings:
  cache: true
  cache_params: {type: local}
general_settings:
  master_key: %s
"""


class Failure(Exception):
    """A claim that does not hold."""


def claim(holds: bool, sentence: str, details: object = "") -> None:
    if not holds:
        raise Failure(f"{sentence}: {details}")
    print(f"  {sentence}")


def dependencies(package: Path) -> list[str]:
    """The names in Depends, which are installed in the file tree beforehand: the container has no network."""
    said = subprocess.run(["dpkg-deb", "--field", package, "Depends"], check=True, capture_output=True, text=True)
    return [re.split(r"[ |]", item.strip())[0] for item in said.stdout.split(",")]


def later(package: Path, folder: Path) -> Path:
    """The same package with a later version."""
    work = folder / "later"
    subprocess.run(["dpkg-deb", "--raw-extract", package, work], check=True)
    control = work / "DEBIAN/control"
    control.write_text(re.sub(r"^(Version: .*)$", r"\1+later", control.read_text(), flags=re.MULTILINE))
    made = folder / "later.deb"
    subprocess.run(["dpkg-deb", "-Zgzip", "-z1", "--build", work, made], check=True, stdout=subprocess.DEVNULL)
    return made


def install(machine: Machine, *packages: Path) -> None:
    for package in packages:
        (machine.tree / package.name).write_bytes(package.read_bytes())
    machine.run(f"DEBIAN_FRONTEND=noninteractive dpkg --install {' '.join(f'/{package.name}' for package in packages)}")


def main_process(machine: Machine) -> str:
    return machine.output("systemctl show --property MainPID --value gateway.service")


def status_of(machine: Machine) -> dict[str, str]:
    """/proc/PID/status of the service."""
    text = machine.output(f"cat /proc/{main_process(machine)}/status")
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def started(machine: Machine) -> None:
    claim(machine.output("systemctl is-active gateway.service gateway.socket") == "active\nactive",
          "after the installation the service runs")  # fmt: skip
    claim(machine.output("systemctl is-enabled gateway.service gateway.socket") == "enabled\nenabled",
          "it will run after the next start of the machine")  # fmt: skip
    status, cache, body = answer("hello")
    claim(status == 200 and "config.yaml" in body, "it answers without a key, and says how to go on", body)
    claim("fwd=miss" in cache and "; hit" in answer("hello")[1], "the second answer comes from the cache", cache)
    process = status_of(machine)
    user = machine.output("id --user gateway")
    claim(process["Uid"].split() == [user] * 4 and user != "0", "it runs as the user gateway", process["Uid"])
    claim(int(process["CapEff"], 16) == int(process["CapBnd"], 16) == 0, "it has no capability, and can get none")
    claim(process["NoNewPrivs"] == "1" and process["Seccomp"] == "2",
          "it may gain no privileges, and system calls are filtered")  # fmt: skip
    sockets = [line.split() for line in machine.output("cat /proc/net/tcp /proc/net/tcp6").splitlines()]
    addresses = {socket[1] for socket in sockets if socket[3] == "0A"}
    claim(addresses == {"0100007F:1F40"}, "nothing but 127.0.0.1:8000 is listened on", addresses)
    said = machine.output("journalctl --unit gateway.service --no-pager --output cat")
    claim("ailed" not in said and "warning" not in said, "it starts without a complaint", said)


def reloaded(machine: Machine, port: int) -> None:
    file = machine.tree / "etc/gateway/config.yaml"
    good = file.read_text()
    before = main_process(machine)
    file.write_text(good.replace("The gateway works.", "Reloaded."))
    machine.run("systemctl reload gateway.service")
    claim("Reloaded." in answer("hello", "Is it?")[2], "a reload takes over a changed configuration")
    file.write_text("model_list: 5\n")
    refused = machine.run("systemctl reload gateway.service", checked=False)
    claim(refused.returncode != 0, "a reload with a wrong configuration fails", refused.stdout)
    journal = machine.output("journalctl --unit gateway.service --no-pager --output cat")
    claim("config.yaml:1:13" in journal, "the journal says what is wrong with it", journal[-800:])
    claim("Reloaded." in answer("hello", "Is it still?")[2], "the configuration before stays in force")
    claim(main_process(machine) == before, "it is the same process")
    # For what follows: secrets in a file that only root can read.
    file.write_text(CONFIGURATION % (port, "os.environ/GATEWAY_MASTER_KEY"))
    machine.run(f"umask 077 && echo GATEWAY_MASTER_KEY={KEY} > /etc/gateway/.env && systemctl restart gateway.service")
    claim(answer("hello")[0] == 401 and answer("hello", key=KEY)[0] == 200,
          "the master key of /etc/gateway/.env is in force")  # fmt: skip
    denied = machine.run("setpriv --reuid gateway --clear-groups cat /etc/gateway/.env", checked=False)
    claim(denied.returncode != 0 and KEY not in denied.stdout, "the user gateway cannot read that file")
    said = machine.output("journalctl --no-pager --output cat") + machine.output("systemctl show gateway.service")
    claim(KEY not in said, "the key is neither in the journal nor in what systemd tells of the service")


def upgraded(machine: Machine, package: Path) -> None:
    streams = [Stream(f"Count, {number}.", KEY) for number in range(5)]
    claim(all(stream.begun.wait(20) for stream in streams), "five streams have begun")
    load = Load(KEY)
    before = main_process(machine)
    began = time.monotonic()
    install(machine, package)
    took = time.monotonic() - began
    after = main_process(machine)
    for stream in streams:
        stream.join(30)
    load.end()
    claim(before != after, "the upgrade has started the new executable")
    claim(all(stream.whole for stream in streams), "every stream that was open came to its end",
          [stream.received[-200:] for stream in streams])  # fmt: skip
    claim(load.answered > 0 and not load.failures, "no request failed meanwhile", load.failures[:3])
    print(f"  ({load.answered} requests on new connections, the longest {load.longest:.1f} s; it took {took:.1f} s)")
    claim('mock_response: "Changed."' in (machine.tree / "etc/gateway/config.yaml").read_text(),
          "the upgrade keeps the configuration")  # fmt: skip
    status = machine.output("dpkg-query --show --showformat '${Version}' gateway")
    claim(status.endswith("+later"), "the later version is installed", status)


def killed(machine: Machine) -> None:
    machine.run("systemctl kill --signal KILL --kill-whom main gateway.service")
    claim(answer("hello", key=KEY)[0] == 200, "where it is killed it is started again, and the next request waits")


def removed(machine: Machine) -> None:
    (machine.tree / "var/lib/gateway/entries").write_text("kept by a plugin")
    (machine.tree / "var/log/gateway/access.log").write_text("a request")
    machine.run("dpkg --remove gateway")
    units = machine.run("systemctl is-active gateway.service gateway.socket", checked=False).stdout.split()
    claim(units == ["inactive", "inactive"], "the removal stops the service and closes the socket", units)
    left = machine.run(
        "find /usr/bin/gateway /usr/lib/gateway /etc/gateway /var/lib/gateway /var/log/gateway -type f", checked=False
    ).stdout
    claim(sorted(left.split()) == ["/etc/gateway/.env", "/etc/gateway/config.yaml", "/var/lib/gateway/entries",
           "/var/log/gateway/access.log"],
          "it keeps the configuration, the secrets, the data and the logs, and nothing else", left)  # fmt: skip
    machine.run("dpkg --purge gateway")
    left = machine.run("find / -xdev -name '*gateway*' -not -path '/proc/*' -not -path '/*.deb' "
                       "-not -path '*/gateway-plugin*' -not -path '*/share/gateway*' -not -path '*/gateway_cache*'",
                       checked=False).stdout  # fmt: skip
    claim(left.strip() == "", "the purge leaves nothing of it", left)
    claim(machine.run("systemctl list-unit-files 'gateway*' --no-legend", checked=False).stdout == "",
          "systemd knows no such unit")  # fmt: skip


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__.split("\n\n")[1])
    if not is_root():
        sys.exit("test-deb: this needs root, since it starts a container; run it with sudo")
    folder = Path(sys.argv[1])
    [gateway] = folder.glob("gateway_*.deb")
    [development] = folder.glob("gateway-plugin-dev_*.deb")
    build = ROOT / ".build-tools"
    build.mkdir(exist_ok=True)
    tree = build / "debian"
    debian(tree, ["dbus", "systemd", "systemd-sysv", *dependencies(gateway)], build / "debootstrap.log")
    machine = Machine(tree, build / "container.log")
    try:
        machine.join_network()
        with tempfile.TemporaryDirectory() as work:
            install(machine, gateway, development)
            started(machine)
            reloaded(machine, slow_model())
            upgraded(machine, later(gateway, Path(work)))
            killed(machine)
            removed(machine)
    except (Failure, RuntimeError) as failure:
        journal = machine.run("journalctl --no-pager --lines 60 --unit gateway.service", checked=False).stdout
        print(journal, file=sys.stderr)
        sys.exit(f"test-deb: failed: {failure}")
    finally:
        machine.stop()
        subprocess.run(["rm", "-rf", tree], check=True)
    print("test-deb: all is well")


if __name__ == "__main__":
    main()
