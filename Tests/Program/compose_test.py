"""deploy/compose.yaml: every service waits for what it needs, has the least rights, and its
settings are ones that the programs know. (No Docker runs here; what can be run without it is.)"""

import json
import os
import re
import stat
import subprocess

import pytest
import yaml

from program import environment, run
from rules import DEPLOY, FOLDER
from server import ROOT, Server

COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
MAKE_SECRETS = DEPLOY / "compose" / "secrets"
HOSTS = dict(line.split("=") for line in
             (DEPLOY / "compose" / "env.example").read_text().splitlines() if "=" in line)


def filled_in(text: str) -> str:
    """As Compose fills in variables."""
    text = re.sub(r"(?<!\$)\$\{(\w+)(:\?[^}]*)?\}", lambda found: HOSTS[found[1]], text)
    assert not re.search(r"(?<!\$)\$(?!\$)", text), f"an unknown variable in {text}"
    return text.replace("$$", "$")


@pytest.mark.parametrize("name", SERVICES)
class TestService:
    def test_it_runs_with_the_least_rights(self, name):
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert set(service.get("cap_add", [])) <= {
            "CHOWN", "DAC_OVERRIDE", "FOWNER", "NET_BIND_SERVICE", "SETGID", "SETUID"}
        assert not service.keys() & {"privileged", "network_mode", "pid", "ipc", "devices"}
        assert service["mem_limit"] and service["restart"] == "unless-stopped"

    def test_it_tells_when_it_is_healthy(self, name):
        check = SERVICES[name]["healthcheck"]
        assert check["test"][0] == "CMD"
        assert check.keys() >= {"interval", "timeout", "retries", "start_period"}

    def test_its_image_is_named_exactly(self, name):
        service = SERVICES[name]
        if "build" not in service:
            assert re.search(r":v?\d+\.\d+[\w.-]*$", service["image"])

    def test_it_waits_for_healthy_services_and_never_in_a_circle(self, name):
        seen = []

        def visit(one):
            assert one not in seen, f"{' -> '.join(seen)} -> {one}"
            seen.append(one)
            for other, how in SERVICES[one].get("depends_on", {}).items():
                assert how == {"condition": "service_healthy"}
                visit(other)
            seen.pop()
        visit(name)

    def test_files_that_it_mounts_are_in_the_repository_and_read_only(self, name):
        for mount in SERVICES[name].get("volumes", []):
            source, target, *mode = mount.split(":")
            if source.startswith("."):
                assert (DEPLOY / source).exists(), source
                assert mode == ["ro"]
            else:
                assert source in COMPOSE["volumes"]

    def test_nothing_secret_is_in_its_environment(self, name):
        for variable, value in SERVICES[name].get("environment", {}).items():
            secretive = re.search("PASSWORD|TOKEN|SECRET|KEY", variable)
            assert not secretive or str(value).startswith("/run/secrets/"), variable
            assert "://" not in value or "@" not in value, variable

    def test_its_secrets_are_files_that_are_declared(self, name):
        given = [secret if isinstance(secret, str) else secret["source"]
                 for secret in SERVICES[name].get("secrets", [])]
        assert set(given) <= COMPOSE["secrets"].keys()
        text = json.dumps(SERVICES[name])
        used = set(re.findall(r"/run/secrets/([\w.-]+)", text))
        assert used <= {secret for secret in SERVICES[name].get("secrets", [])
                        if isinstance(secret, str)}


def test_only_nginx_listens_outside():
    assert {name for name, service in SERVICES.items() if service.get("ports")} == {"nginx"}


def test_the_database_is_reached_by_babyhelm_alone():
    assert COMPOSE["networks"]["database"]["internal"] is True
    assert {name for name, service in SERVICES.items() if "database" in service["networks"]} \
        == {"postgres", "babyhelm"}


def test_the_proxy_that_babyhelm_believes_is_nginx():
    assert SERVICES["babyhelm"]["environment"]["BABYHELM_TRUSTED_PROXY"] \
        == SERVICES["nginx"]["networks"]["front"]["ipv4_address"]


@pytest.mark.parametrize("name, file", [
    ("prometheus", "prometheus/prometheus.yml"), ("alertmanager", "alertmanager/alertmanager.yml")])
def test_files_that_a_configuration_names_are_mounted_where_it_looks(name, file):
    mounted = {secret["target"] for secret in SERVICES[name]["secrets"]}
    named = set(re.findall(r"(?:credentials_file|ca_file|kubeconfig_file): (\S+)",
                           (DEPLOY / file).read_text()))
    assert named == mounted


def make_secrets(folder) -> str:
    done = subprocess.run([MAKE_SECRETS, folder], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_secrets_are_made_once_and_what_is_missing_is_said(tmp_path):
    folder = tmp_path / "secrets"
    said = make_secrets(folder)
    first = {path.name: path.read_text() for path in folder.iterdir()}

    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
    assert first["postgres.password"] in json.loads(first["babyhelm.json"])["database-url"]
    assert len(first["babyhelm.token"]) >= 16 and len(set(first.values())) == len(first)
    missing = set(re.findall(r"^  ([\w.-]+):", said, re.MULTILINE))
    assert {file["file"].removeprefix("./secrets/") for file in COMPOSE["secrets"].values()} \
        == missing | first.keys()
    for name in missing:
        (folder / name).write_text("given")
    for _ in range(10):
        assert "all that is needed" in make_secrets(folder)
    assert {name: (folder / name).read_text() for name in first} == first


def test_babyhelm_knows_its_settings(tmp_path):
    folder = tmp_path / "secrets"
    make_secrets(folder)
    (folder / "babyhelm.kubeconfig").write_text("given")
    places = {"/run/secrets": str(folder), "/etc/babyhelm/rules": str(FOLDER)}
    settings = {}
    for name, value in SERVICES["babyhelm"]["environment"].items():
        for inside, outside in places.items():
            value = value.replace(inside, outside)
        settings[name] = filled_in(value)

    done = run("config", "--config", str(folder / "babyhelm.json"), folder=tmp_path, **settings)

    assert done.returncode == 0, done.stderr
    password = (folder / "postgres.password").read_text()
    assert password not in done.stdout + done.stderr
    assert f"https://{HOSTS['BABYHELM_HOST']}" in done.stdout


def test_the_health_check_of_babyhelm_tells_a_server_from_none(tmp_path):
    check = SERVICES["babyhelm"]["healthcheck"]["test"]
    assert check[:2] == ["CMD", "/usr/local/bin/babyhelm"], "the image has no other program"
    command = SERVICES["babyhelm"]["command"]
    assert command[command.index("--port") + 1] == "8080", "where the check asks without being told"

    def healthy(port: int) -> bool:
        return run(*check[2:], folder=tmp_path, BABYHELM_PORT=str(port)).returncode == 0
    with Server(tmp_path) as server:
        assert healthy(server.port)
        port = server.port
    assert not healthy(port)


def test_nginx_takes_the_configuration_that_its_command_writes(tmp_path):
    for name in ("conf.d", "tls"):
        (tmp_path / name).mkdir()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=babyhelm.example.net",
         "-keyout", tmp_path / "tls" / "babyhelm.key", "-out", tmp_path / "tls" / "babyhelm.crt"],
        check=True, capture_output=True, timeout=60)
    shell, flags, script = SERVICES["nginx"]["command"]
    script = (script.replace("$$", "$").replace("exec nginx -g 'daemon off;'", "")
              .replace("/etc/babyhelm/babyhelm.conf", str(DEPLOY / "nginx" / "babyhelm.conf"))
              .replace("/etc/babyhelm/grafana.conf", str(DEPLOY / "compose" / "grafana.conf"))
              .replace("/etc/nginx", str(tmp_path)))
    subprocess.run([shell, flags, script], check=True, timeout=60, env={
        **environment(), "BABYHELM_HOST": "helm.test", "GRAFANA_HOST": "grafana.test"})
    written = "".join(path.read_text() for path in (tmp_path / "conf.d").iterdir())
    assert "server 172.30.80.3:8080" in written and "server_name helm.test;" in written
    assert "server_name grafana.test;" in written and "127.0.0.1:8080" not in written
    for path in (tmp_path / "conf.d").iterdir():
        path.write_text(path.read_text().replace("/etc/nginx/tls", str(tmp_path / "tls")))
    main = tmp_path / "nginx.conf"
    main.write_text(f"pid {tmp_path}/pid; error_log stderr; events {{}}\n"
                    f"http {{ access_log off; include {tmp_path}/conf.d/*.conf; }}\n")

    done = subprocess.run(["nginx", "-t", "-c", main], capture_output=True, text=True, timeout=60)

    assert done.returncode == 0, done.stderr


def test_what_is_secret_is_never_committed_nor_in_an_image():
    for file in (ROOT / ".gitignore", DEPLOY / "Dockerfile.dockerignore"):
        lines = file.read_text().splitlines()
        assert "deploy/.env" in lines and {"deploy/secrets", "deploy/secrets/"} & set(lines)
