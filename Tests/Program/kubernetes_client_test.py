"""The Python client of Kubernetes (PyPI `kubernetes`) on `babyhelm sandbox`."""

import threading

import pytest
from kubernetes import client, config, dynamic, watch
from kubernetes.client.exceptions import ApiException

from program import wait_until

LABELS = {"app": "web"}


def deployment(replicas: int = 2, image: str = "nginx:1.27") -> dict:
    container = {"name": "app", "image": image, "ports": [{"containerPort": 8080}]}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"},
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": LABELS},
            "template": {"metadata": {"labels": LABELS}, "spec": {"containers": [container]}}}}


@pytest.fixture
def api(sandbox):
    with config.new_client_from_config(str(sandbox.kubeconfig)) as connection:
        yield connection


@pytest.fixture
def apps(api):
    return client.AppsV1Api(api)


@pytest.fixture
def core(api):
    return client.CoreV1Api(api)


def available(apps) -> int:
    return apps.read_namespaced_deployment_status("web", "default").status.available_replicas or 0


def test_discovery_names_every_kind(api):
    found = dynamic.DynamicClient(api)
    for version, kind in [
            ("v1", "Pod"), ("v1", "PersistentVolumeClaim"), ("apps/v1", "Deployment"),
            ("autoscaling/v2", "HorizontalPodAutoscaler"), ("policy/v1", "PodDisruptionBudget"),
            ("networking.k8s.io/v1", "Ingress"), ("rbac.authorization.k8s.io/v1", "RoleBinding")]:
        assert found.resources.get(api_version=version, kind=kind).verbs
    assert client.VersionApi(api).get_code().git_version.startswith("v1.36")
    assert "apps" in [group.name for group in client.ApisApi(api).get_api_versions().groups]
    names = [entry.name for entry in client.AppsV1Api(api).get_api_resources().resources]
    assert {"deployments", "deployments/scale", "deployments/status"} <= set(names)


def is_missing(apps) -> bool:
    try:
        apps.read_namespaced_deployment("web", "default")
    except ApiException as error:
        return error.status == 404
    return False


def test_create_read_patch_scale_and_delete(apps, core):
    made = apps.create_namespaced_deployment("default", deployment())
    assert made.metadata.generation == 1 and made.spec.strategy.type == "RollingUpdate"
    wait_until("it is available", lambda: available(apps) == 2)

    with pytest.raises(ApiException) as refusal:
        apps.create_namespaced_deployment("default", deployment())
    assert refusal.value.status == 409

    patched = apps.patch_namespaced_deployment(
        "web", "default",
        {"spec": {"template": {"spec": {"containers": [{"name": "app", "image": "nginx:1.28"}]}}}})
    container = patched.spec.template.spec.containers[0]
    assert container.image == "nginx:1.28" and container.ports, "merged by name"
    scale = apps.patch_namespaced_deployment_scale("web", "default", {"spec": {"replicas": 3}})
    assert scale.spec.replicas == 3
    wait_until("three are available", lambda: available(apps) == 3)
    pods = core.list_namespaced_pod("default", label_selector="app=web").items
    assert all(pod.status.phase in ("Running", "Pending") for pod in pods)

    apps.delete_namespaced_deployment("web", "default", propagation_policy="Foreground")
    wait_until("its pods are gone", lambda: not core.list_namespaced_pod("default").items)
    # In the foreground, the owner goes a moment after what it owns.
    wait_until("it is gone", lambda: is_missing(apps))


def test_server_side_apply_has_owners_and_conflicts(api):
    deployments = dynamic.DynamicClient(api).resources.get(api_version="apps/v1",
                                                           kind="Deployment")
    applied = deployments.server_side_apply(
        body=deployment(), namespace="default", field_manager="first")
    assert [field.manager for field in applied.metadata.managedFields] == ["first"]
    with pytest.raises(ApiException) as conflict:
        deployments.server_side_apply(
            body=deployment(image="nginx:1.28"), namespace="default", field_manager="second")
    assert conflict.value.status == 409 and "first" in str(conflict.value.body)
    forced = deployments.server_side_apply(
        body=deployment(image="nginx:1.28"), namespace="default", field_manager="second",
        force_conflicts=True)
    assert forced.spec.template.spec.containers[0].image == "nginx:1.28"


def test_a_dry_run_changes_nothing(apps):
    apps.create_namespaced_deployment("default", deployment(), dry_run="All")
    assert apps.list_namespaced_deployment("default").items == []


def test_a_watch_follows_until_available(apps):
    apps.create_namespaced_deployment("default", deployment(replicas=3))
    following = watch.Watch()
    types = []
    for event in following.stream(apps.list_namespaced_deployment, "default", timeout_seconds=60):
        types.append(event["type"])
        if (event["object"].status.available_replicas or 0) == 3:
            following.stop()
    assert types[0] == "ADDED" and set(types[1:]) == {"MODIFIED"}


def test_a_watch_from_a_version_misses_and_repeats_nothing(core):
    def config_map(name: str) -> dict:
        return {"metadata": {"name": name}, "data": {"a": "1"}}

    version = core.list_namespaced_config_map("default").metadata.resource_version
    for name in ["one", "two"]:
        core.create_namespaced_config_map("default", config_map(name))
    core.delete_namespaced_config_map("one", "default")
    events = [(event["type"], event["object"].metadata.name) for event in watch.Watch().stream(
        core.list_namespaced_config_map, "default", resource_version=version, timeout_seconds=2)]
    assert events == [("ADDED", "one"), ("ADDED", "two"), ("DELETED", "one")]


def test_logs_are_followed(apps, core):
    apps.create_namespaced_deployment("default", deployment(replicas=1))
    wait_until("it is available", lambda: available(apps) == 1)
    pod = core.list_namespaced_pod("default").items[0].metadata.name
    assert "start worker processes" in core.read_namespaced_pod_log(pod, "default")

    stopper = threading.Timer(0.5, core.delete_namespaced_pod, (pod, "default"))
    stopper.start()
    lines = list(watch.Watch().stream(core.read_namespaced_pod_log, pod, "default", follow=True))
    stopper.join()
    assert len(lines) >= 2 and "docker-entrypoint" in lines[0]


def test_pages_join_to_the_whole_list(core):
    for number in range(10):
        core.create_namespaced_secret(
            "default", {"metadata": {"name": f"page-{number}"}, "stringData": {"a": "b"}})
    names, token = [], None
    while token != "":
        page = core.list_namespaced_secret("default", limit=3, _continue=token)
        names += [secret.metadata.name for secret in page.items]
        token = page.metadata._continue or ""
    assert names == [f"page-{number}" for number in range(10)]


def test_a_refusal_names_its_fields(core):
    with pytest.raises(ApiException) as refusal:
        core.create_namespaced_service(
            "default", {"metadata": {"name": "web"}, "spec": {"ports": [{"port": 70000}]}})
    assert refusal.value.status == 422
    assert "spec.ports[0].port" in refusal.value.body
