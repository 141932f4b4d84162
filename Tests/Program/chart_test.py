"""BabyHelm's own Helm chart: rendered by Helm's template language, checked, and applied."""

import json
import pathlib
import subprocess

import jsonschema
import pytest
import yaml

import schemas
from program import environment, run, wait_until
from server import die_with_parent

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "helm" / "babyhelm"
ADDRESS = "https://babyhelm.example.net"

VARIANTS = {
    "least": {"publicURL": ADDRESS},
    "most": {
        "publicURL": ADDRESS,
        "replicas": 3,
        "image": {"repository": "registry.example.net/babyhelm", "digest": "sha256:" + "a" * 64},
        "imagePullSecrets": [{"name": "registry"}],
        "settings": {
            "api-rate": 300, "check-loopback": True, "log-format": "text",
            "oidc-issuer": "https://id.example.net", "oidc-client-id": "babyhelm",
            "oidc-client-secret-file": "/etc/babyhelm/secrets/babyhelm-oidc/client-secret",
        },
        "secretFiles": ["babyhelm-oidc"],
        "trustedProxies": ["10.244.0.0/16", "fd00:10:244::/56"],
        "ingress": {"className": "nginx", "tlsSecretName": "babyhelm-tls",
                    "annotations": {"cert-manager.io/cluster-issuer": "letsencrypt"}},
        "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"},
                           "tokenSecretName": "babyhelm-metrics"},
        "serviceAccount": {"annotations": {"example.net/role": "x"}},
        "podAnnotations": {"example.net/a": "b"}, "podLabels": {"team": "platform"},
        "nodeSelector": {"kubernetes.io/arch": "amd64"},
        "tolerations": [{"key": "infra", "operator": "Exists"}],
    },
    "tailnet": {
        "publicURL": "https://babyhelm.example.ts.net", "replicas": 1,
        "tailscale": {"enabled": True}, "ingress": {"enabled": False},
        "settings": {"tailscale-role": "visitor"},
        "networkPolicy": {"ingressNamespaces": [], "monitoringNamespaces": []},
    },
}


def rendered(renderer, values: dict):
    return subprocess.run(
        [renderer, CHART, "babyhelm", "babyhelm"], input=yaml.safe_dump(values), text=True,
        capture_output=True, timeout=60)


def objects(renderer, values: dict) -> list[dict]:
    answer = rendered(renderer, values)
    assert answer.returncode == 0, answer.stderr
    return [manifest for manifest in yaml.safe_load_all(answer.stdout) if manifest]


def one(manifests: list[dict], kind: str) -> dict:
    found = [manifest for manifest in manifests if manifest["kind"] == kind]
    assert len(found) == 1, kind
    return found[0]


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_manifest_is_valid_under_kubernetes_own_schemas(renderer, variant):
    if not schemas.available():
        pytest.skip("shared/kubernetes isn't there: set BABYHELM_SHARED to check with its schemas")
    manifests = objects(renderer, VARIANTS[variant])
    unknown = {manifest["kind"] for manifest in manifests if not schemas.is_known(manifest)}
    assert unknown <= {"ServiceMonitor"}, "only the Prometheus operator's kind has no schema here"
    for manifest in manifests:
        assert schemas.mistakes(manifest) == [], manifest["kind"]


def test_the_schema_check_finds_a_misspelt_field(renderer):
    if not schemas.available():
        pytest.skip("shared/kubernetes isn't there: set BABYHELM_SHARED to check with its schemas")
    deployment = one(objects(renderer, VARIANTS["least"]), "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["imagePullPolcy"] = "Always"
    assert len(schemas.mistakes(deployment)) == 1


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_server_takes_every_setting_that_its_pods_get(renderer, variant, tmp_path):
    deployment = one(objects(renderer, VARIANTS[variant]), "Deployment")
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    variables = {entry["name"]: entry.get("value", "postgres://helm@db.example.net/helm")
                 for entry in container["env"]}
    assert len(variables) == len(container["env"]), "no variable is there twice"
    if "BABYHELM_OIDC_CLIENT_SECRET_FILE" in variables:
        secret = tmp_path / "client-secret"
        secret.write_text("s3cret-of-the-test")
        mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
        named = pathlib.PurePath(variables["BABYHELM_OIDC_CLIENT_SECRET_FILE"])
        assert str(named.parent) in mounts
        variables["BABYHELM_OIDC_CLIENT_SECRET_FILE"] = str(secret)
    shown = run("config", folder=tmp_path, **variables)
    assert shown.returncode == 0, shown.stderr


@pytest.mark.parametrize("values, words", [
    ({}, "publicURL is needed"),
    ({"publicURL": ADDRESS, "tailscale": {"enabled": True}}, "needs replicas: 1"),
])
def test_what_is_missing_is_told_in_words(renderer, values, words):
    answer = rendered(renderer, values)
    assert answer.returncode == 1 and words in answer.stderr


@pytest.mark.parametrize("values, is_valid", [
    *((values, True) for values in VARIANTS.values()),
    ({"publicURL": "babyhelm.example.net"}, False),
    ({"publicURL": ADDRESS, "replica": 2}, False),
    ({"publicURL": ADDRESS, "replicas": 0}, False),
    ({"publicURL": ADDRESS, "settings": {"API_RATE": 1}}, False),
    ({"publicURL": ADDRESS, "image": {"digest": "latest"}}, False),
])
def test_values_are_checked_before_anything_is_installed(values, is_valid):
    schema = json.loads((CHART / "values.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    assert jsonschema.Draft7Validator(schema).is_valid(values) == is_valid
    # Each value of the chart has a rule, and each rule a value.
    given = yaml.safe_load((CHART / "values.yaml").read_text())
    assert set(schema["properties"]) == set(given) | {"global"}


def test_the_chart_grants_what_the_role_file_grants(renderer):
    ours = one(objects(renderer, VARIANTS["least"]), "ClusterRole")["rules"]
    file = list(yaml.safe_load_all((ROOT / "deploy" / "rbac.yaml").read_text()))
    assert ours == one(file, "ClusterRole")["rules"]


def test_several_replicas_bear_the_loss_of_a_node(renderer):
    manifests = objects(renderer, VARIANTS["least"])
    pod = one(manifests, "Deployment")["spec"]["template"]
    assert one(manifests, "Deployment")["spec"]["replicas"] >= 2
    labels = pod["metadata"]["labels"]
    budget = one(manifests, "PodDisruptionBudget")["spec"]
    for selector in [budget["selector"], one(manifests, "Deployment")["spec"]["selector"],
                     {"matchLabels": one(manifests, "Service")["spec"]["selector"]},
                     one(manifests, "NetworkPolicy")["spec"]["podSelector"],
                     *(spread["labelSelector"] for spread in
                       pod["spec"]["topologySpreadConstraints"])]:
        assert selector["matchLabels"].items() <= labels.items()
    # The migration's pod gets no requests of people.
    job = one(manifests, "Job")["spec"]["template"]["metadata"]["labels"]
    assert not one(manifests, "Service")["spec"]["selector"].items() <= job.items()


def test_no_namespace_named_means_that_nobody_connects(renderer):
    policy = one(objects(renderer, VARIANTS["tailnet"]), "NetworkPolicy")["spec"]
    # An empty list of sources would mean everybody.
    assert policy.get("ingress", []) == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_container_fits_the_level_restricted(renderer, variant):
    pods = [manifest["spec"]["template"]["spec"] for manifest in objects(renderer, VARIANTS[variant])
            if manifest["kind"] in {"Deployment", "Job"}]
    assert len(pods) == 2, "the server's and the migration's"
    for pod in pods:
        assert not pod.keys() & {"hostNetwork", "hostPID", "hostIPC"}
        assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert {next(iter(volume.keys() - {"name"})) for volume in pod["volumes"]} <= {
            "emptyDir", "secret", "configMap"}
        for container in pod["containers"]:
            security = container["securityContext"]
            assert security["allowPrivilegeEscalation"] is False
            assert security["readOnlyRootFilesystem"] is True
            assert security["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["limits"]["memory"]


def test_pods_start_in_a_namespace_that_enforces_restricted(renderer, sandbox, tmp_path):
    manifests = objects(renderer, VARIANTS["least"])
    known = [manifest for manifest in manifests
             if manifest["kind"] in {"Deployment", "Service", "ServiceAccount", "Ingress",
                                     "PodDisruptionBudget", "NetworkPolicy"}]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {
        "name": "babyhelm", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}
    secret = {"apiVersion": "v1", "kind": "Secret",
              "metadata": {"name": "babyhelm-database", "namespace": "babyhelm"},
              "stringData": {"url": "postgres://helm@db.example.net/helm"}}
    file = tmp_path / "manifests.yaml"
    for batch in [[namespace], [secret, *known]]:
        file.write_text(yaml.safe_dump_all(batch))
        applied = kubectl(sandbox, "apply", "--server-side", "-f", file)
        assert applied.returncode == 0, applied.stderr
    wait_until("both replicas are ready", lambda: kubectl(
        sandbox, "-n", "babyhelm", "get", "deployment", "babyhelm",
        "-o", "jsonpath={.status.readyReplicas}").stdout == "2")


def kubectl(sandbox, *arguments):
    return subprocess.run(
        ["kubectl", "--kubeconfig", sandbox.kubeconfig, *arguments], capture_output=True, text=True,
        timeout=60, env=environment(), preexec_fn=die_with_parent)
