"""The files for containers: Containerfile, compose and Kubernetes."""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml
from package import ROOT, attempt, contents, said

KUBERNETES = ROOT / "packaging/kubernetes"
COMPOSE = ROOT / "packaging/compose/compose.yaml"
PROBES = ["startupProbe", "livenessProbe", "readinessProbe"]
VARIABLES = {"GATEWAY_MASTER_KEY": "sk-of-the-test", "REDIS_PASSWORD": "of-the-test"}
# The oldest version of Kubernetes that is still maintained, and the newest that there are schemas of.
VERSIONS = ["1.33", "1.37"]


def objects(folder: Path = KUBERNETES) -> list[tuple[str, dict[str, Any]]]:
    """All objects of a folder with the files that they are in."""
    files = [path for path in sorted(folder.glob("*.yaml")) if path.name not in {"kustomization.yaml", "config.yaml"}]
    return [(path.name, item) for path in files for item in yaml.safe_load_all(path.read_text())]


def named(kind: str, name: str, folder: Path = KUBERNETES) -> dict[str, Any]:
    [found] = [item for _, item in objects(folder) if item["kind"] == kind and item["metadata"]["name"] == name]
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def status(port: int, path: str, key: str | None = None) -> int:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
        return connection.getresponse().status


class Container(unittest.TestCase):
    file = ROOT / "packaging/container/Containerfile"

    def test_its_last_stage_has_the_libraries_that_the_package_depends_on_and_no_others(self) -> None:
        stage = self.file.read_text().rpartition("\nFROM ")[2].replace("\\\n", " ")
        installed = set(re.search(r"--no-install-recommends ([^&]*?) +&&", stage).group(1).split())
        [package] = (ROOT / ".build/packages").glob("gateway_*.deb")
        depends = {re.split(r"[ (]", item.strip())[0]
                   for item in said("dpkg-deb", "--field", package, "Depends").split(",")}  # fmt: skip
        # What every Debian has, and what only the service needs.
        self.assertEqual(installed, depends - {"libc6", "libgcc-s1", "adduser"})

    def test_it_runs_as_a_user_with_a_number_that_is_not_root(self) -> None:
        self.assertRegex(self.file.read_text(), r"(?m)^USER [1-9]\d*:[1-9]\d*$")

    def test_its_configuration_is_right(self) -> None:
        checked_configuration(self, ROOT / "packaging/container/config.yaml")


def checked_configuration(case: unittest.TestCase, path: Path) -> None:
    checked = attempt(contents("gateway") / "usr/bin/gateway", "check", "--strict", path, env=VARIABLES)
    case.assertEqual((checked.returncode, checked.stdout.rpartition(": ")[2]), (0, "ok\n"), checked.stderr)


class Compose(unittest.TestCase):
    def read(self, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
        return attempt("docker-compose", "--file", COMPOSE, "config", env=environment)

    def test_docker_compose_understands_it(self) -> None:
        result = self.read(**VARIABLES)
        self.assertEqual(result.returncode, 0, result.stderr)
        services = yaml.safe_load(result.stdout)["services"]
        self.assertEqual(set(services), {"gateway", "redis"})
        for service in services.values():
            self.assertTrue(service["healthcheck"]["test"] and service["read_only"])

    def test_without_the_secrets_it_says_which_are_missing(self) -> None:
        for name in VARIABLES:
            given = {key: value for key, value in VARIABLES.items() if key != name}
            result = self.read(**given)
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(f"write {name}=", result.stderr)

    def test_its_configuration_is_right(self) -> None:
        checked_configuration(self, ROOT / "packaging/compose/config.yaml")


class Kubernetes(unittest.TestCase):
    def test_every_object_has_the_form_that_its_schema_asks_for(self) -> None:
        for folder in [KUBERNETES, KUBERNETES / "monitoring"]:
            for file, item in objects(folder):
                # Of the operator of Prometheus, whose schema is not among them.
                if item["kind"] == "ServiceMonitor":
                    continue
                for version in VERSIONS:
                    with self.subTest(file=file, kind=item["kind"], version=version):
                        kubernetes_validate.validate(item, version, strict=True)

    def test_the_schema_is_strict(self) -> None:
        wrong = named("Deployment", "gateway")
        wrong["spec"]["template"]["spec"]["containers"][0]["readinessprobe"] = {}
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)

    def test_kustomize_is_told_of_every_file(self) -> None:
        for folder in [KUBERNETES, KUBERNETES / "monitoring"]:
            kustomization = yaml.safe_load((folder / "kustomization.yaml").read_text())
            named = {"kustomization.yaml", *kustomization["resources"]}
            for generator in kustomization.get("configMapGenerator", []):
                named |= set(generator["files"])
            self.assertEqual(named, {path.name for path in folder.glob("*.yaml")})

    def test_what_refers_to_pods_finds_them(self) -> None:
        labels = {}
        ports = {}
        for name in ["gateway", "redis"]:
            template = named("Deployment", name)["spec"]["template"]
            labels[name] = template["metadata"]["labels"]
            ports[name] = {port["name"]: port["containerPort"] for port in template["spec"]["containers"][0]["ports"]}
            self.assertEqual(named("Deployment", name)["spec"]["selector"]["matchLabels"], labels[name])
        for name, pods in [("gateway", "gateway"), ("gateway-admin", "gateway"), ("redis", "redis")]:
            service = named("Service", name)["spec"]
            self.assertEqual(service["selector"], labels[pods])
            for port in service["ports"]:
                self.assertIn(port["targetPort"], ports[pods])
        self.assertEqual(named("PodDisruptionBudget", "gateway")["spec"]["selector"]["matchLabels"], labels["gateway"])
        for name in ["gateway", "redis"]:
            self.assertEqual(named("NetworkPolicy", name)["spec"]["podSelector"]["matchLabels"], labels[name])
        monitor = named("ServiceMonitor", "gateway", KUBERNETES / "monitoring")["spec"]
        admin = named("Service", "gateway-admin")
        self.assertLessEqual(monitor["selector"]["matchLabels"].items(), admin["metadata"]["labels"].items())
        self.assertEqual(
            {end["port"] for end in monitor["endpoints"]}, {port["name"] for port in admin["spec"]["ports"]}
        )

    def test_pods_keep_the_rules_of_restricted_namespaces(self) -> None:
        for name in ["gateway", "redis"]:
            pod = named("Deployment", name)["spec"]["template"]["spec"]
            self.assertTrue(pod["securityContext"]["runAsNonRoot"])
            self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
            for container in pod["containers"]:
                context = container["securityContext"]
                self.assertFalse(context["allowPrivilegeEscalation"])
                self.assertTrue(context["readOnlyRootFilesystem"])
                self.assertEqual(context["capabilities"], {"drop": ["ALL"]})

    def test_its_configuration_is_right(self) -> None:
        checked_configuration(self, KUBERNETES / "config.yaml")

    def test_a_pod_has_more_time_to_stop_than_it_takes(self) -> None:
        pod = named("Deployment", "gateway")["spec"]["template"]["spec"]
        options = dict(item.removeprefix("--").split("=") for item in pod["containers"][0]["args"] if "=" in item)
        taken = sum(int(options[name].removesuffix("s")) for name in ["shutdown-delay", "drain-timeout"])
        # docs/operating.md: two seconds for the last answers, and fifteen for a cache that does not answer.
        self.assertGreater(pod["terminationGracePeriodSeconds"], taken + 17)
        # Readiness is noticed before the sockets are closed.
        probe = pod["containers"][0]["readinessProbe"]
        noticed = probe["periodSeconds"] * probe["failureThreshold"] + probe["timeoutSeconds"]
        self.assertGreater(int(options["shutdown-delay"].removesuffix("s")), noticed)

    def test_the_gateway_takes_its_arguments_and_answers_its_probes(self) -> None:
        container = named("Deployment", "gateway")["spec"]["template"]["spec"]["containers"][0]
        ports = {"http": free_port(), "admin": free_port()}
        words = [word.replace("/etc/gateway/config.yaml", str(KUBERNETES / "config.yaml"))
                 .replace("8000", str(ports["http"])).replace("8001", str(ports["admin"]))
                 for word in container["args"]]  # fmt: skip
        with tempfile.TemporaryFile() as log:
            gateway = subprocess.Popen(
                [contents("gateway") / "usr/bin/gateway", *words], env=VARIABLES, stdout=log, stderr=subprocess.STDOUT
            )
            try:
                end = time.monotonic() + 30
                while True:
                    try:
                        probes = {name: container[name]["httpGet"] for name in PROBES}
                        probed = [status(ports[probe["port"]], probe["path"]) for probe in probes.values()]
                        break
                    except OSError:
                        self.assertIsNone(gateway.poll(), "the gateway ended")
                        self.assertLess(time.monotonic(), end, "the gateway does not listen")
                        time.sleep(0.1)
                # There is no Redis here, which is no reason to take the pod away.
                self.assertEqual(probed, [200, 200, 200])
                self.assertEqual(status(ports["http"], "/health", "sk-of-the-test"), 404)
                self.assertEqual(status(ports["admin"], "/health", "sk-of-the-test"), 200)
                self.the_autoscalers_metric_is_exported(ports["admin"])
            finally:
                # A signal to stop would have it serve on for --shutdown-delay.
                gateway.kill()
                gateway.wait()
            log.seek(0)
            for line in log.read().splitlines():
                json.loads(line)

    def the_autoscalers_metric_is_exported(self, port: int) -> None:
        [metric] = named("HorizontalPodAutoscaler", "gateway", KUBERNETES / "monitoring")["spec"]["metrics"]
        [endpoint] = named("ServiceMonitor", "gateway", KUBERNETES / "monitoring")["spec"]["endpoints"]
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request("GET", endpoint["path"])
            text = connection.getresponse().read().decode()
        self.assertRegex(text, rf"(?m)^{metric['pods']['metric']['name']}(\{{| )")


if __name__ == "__main__":
    unittest.main()
