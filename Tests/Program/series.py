"""What a cluster's Prometheus knows, as OpenMetrics text that promtool makes blocks of.

    python3 series.py FOLDER [--until SECONDS_AFTER_NOW]

writes `recent.om` (the last 26 hours of everything) and `month.om` (31 days of the
project `shop`, its most asked for series).
The same names, labels and shapes as kube-state-metrics v2, cAdvisor and ingress-nginx give below
kube-prometheus-stack:

    namespace    what is in it
    shop         a project: web (3 pods, autoscaler, ingress; a release 3 hours ago), web-api (2 pods,
                 throttled, exports HTTP series with `code`), worker (1 pod, a volume, restarts, no
                 limits, a gap from 25 to 20 minutes ago)
    blog         a project: web (1 pod, exports HTTP series with `status`), site (1 pod, ingress, and
                 its newest pod is killed for its memory)
    shop-legacy  nobody's project; its numbers are 1000 times as high, so that a chart that takes
                 them by mistake shows it
    kube-system  coredns

Everything follows from the time, so two runs tell the same of the same second.
"""

import argparse
import math
import pathlib
import time
import zlib
from collections.abc import Callable, Iterable, Iterator

MINUTE, HOUR, DAY = 60, 3600, 86400
MIB = 1024 * 1024
LE = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Value = Callable[[int], float]


def wave(middle: float, swing: float, period: float, seed: str) -> Value:
    """A gauge that swings around its middle."""
    phase = zlib.crc32(seed.encode()) % 1000 / 1000 * 2 * math.pi
    return lambda at: middle + swing * math.sin(2 * math.pi * at / period + phase)


def counter(rate: float, swing: float, period: float, seed: str, since: int) -> Value:
    """A counter that grows by `rate` a second, more or less by `swing`; 0 at `since`."""
    phase = zlib.crc32(seed.encode()) % 1000 / 1000 * 2 * math.pi
    turn = 2 * math.pi / period

    def total(at: int) -> float:
        grown = math.cos(turn * since + phase) - math.cos(turn * at + phase)
        return rate * (at - since) + swing / turn * grown
    return total


# What the old days are told of; the rest would only take time.
LASTING = (
    "container_cpu_usage", "container_memory_working_set", "container_network_receive",
    "kube_deployment_spec_replicas", "kube_deployment_status_replicas_ready",
    "kube_pod_container_resource", "kube_pod_container_status_restarts",
    "kubelet_volume_stats_used", "kubelet_volume_stats_capacity",
    "nginx_ingress_controller_requests")


def steady(value: float) -> Value:
    return lambda at: value


class Series:
    """One line: a name, labels, and its value while it lives."""

    def __init__(self, name: str, labels: dict[str, object], value: Value, start: int, end: int,
                 gap: tuple[int, int] = (0, 0)):
        told = ",".join(f'{key}="{text}"' for key, text in labels.items())
        self.head = f"{name}{{{told}}} "
        self.value, self.start, self.end, self.gap = value, start, end, gap

    def lines(self, times: Iterable[int]) -> Iterator[str]:
        for at in times:
            if self.start <= at < self.end and not self.gap[0] <= at < self.gap[1]:
                yield f"{self.head}{self.value(at):.3f} {at}\n"


class Pod:
    """A pod with one container, and what cAdvisor and kube-state-metrics say of it."""

    def __init__(self, namespace: str, application: str, name: str, start: int, end: int, *,
                 cores: float = 0.1, memory: float = 100, cpu_limit: float | None = 0.5,
                 memory_limit: float | None = 256, throttled: float = 0, restart_every: int = 0,
                 network: float = 5_000, ready: bool = True, factor: float = 1,
                 gap: tuple[int, int] = (0, 0)):
        self.namespace, self.application, self.name = namespace, application, name
        self.start, self.end, self.gap = start, end, gap
        self.cores, self.memory = cores * factor, memory * MIB * factor
        self.cpu_limit, self.memory_limit = cpu_limit, memory_limit
        self.throttled, self.restart_every, self.ready = throttled, restart_every, ready
        self.network = network * factor

    def series(self) -> Iterator[Series]:
        yield from self.cadvisor()
        yield from self.state()

    def made(self, name: str, labels: dict[str, object], value: Value) -> Series:
        where = {"namespace": self.namespace, "pod": self.name}
        return Series(name, {**where, **labels}, value, self.start, self.end, self.gap)

    def since_restart(self, grow: Callable[[int], Value]) -> Value:
        """A counter that starts again at each restart of the container."""
        if not self.restart_every:
            return grow(self.start)
        return lambda at: grow(at - at % self.restart_every)(at)

    def cadvisor(self) -> Iterator[Series]:
        scrape = {"job": "kubelet", "metrics_path": "/metrics/cadvisor", "node": "node-a"}
        cpu = self.since_restart(
            lambda since: counter(self.cores, self.cores * 0.6, 40 * MINUTE, self.name, since))
        memory = wave(self.memory, self.memory * 0.2, 3 * HOUR, self.name)
        # As the kubelet tells: once for the container, once for the pod's whole cgroup.
        for container in (self.application, ""):
            labels = {"container": container, **scrape}
            yield self.made("container_cpu_usage_seconds_total", {**labels, "cpu": "total"}, cpu)
            yield self.made("container_memory_working_set_bytes", labels, memory)
            yield self.made("container_memory_rss", labels, lambda at: memory(at) * 0.8)
            if self.cpu_limit is not None:
                yield self.made("container_cpu_cfs_periods_total", labels,
                                self.since_restart(lambda since: counter(10, 0, HOUR, "", since)))
                yield self.made(
                    "container_cpu_cfs_throttled_periods_total", labels, self.since_restart(
                        lambda since: counter(10 * self.throttled, 5 * self.throttled, HOUR,
                                              self.name, since)))
        for direction in ("receive", "transmit"):
            seed = self.name + direction
            yield self.made(
                f"container_network_{direction}_bytes_total", {"interface": "eth0", **scrape},
                counter(self.network, self.network / 2, 30 * MINUTE, seed, self.start))

    def state(self) -> Iterator[Series]:
        scrape = {"job": "kube-state-metrics"}
        container = {"container": self.application, **scrape}
        owner = self.name.rsplit("-", 1)[0]
        yield self.made("kube_pod_info", {
            "node": "node-a", "created_by_kind": "ReplicaSet", "created_by_name": owner,
            **scrape}, steady(1))
        yield self.made("kube_pod_labels", {
            "label_app_kubernetes_io_name": self.application,
            "label_app_kubernetes_io_managed_by": "babyhelm", **scrape}, steady(1))
        for phase in ("Pending", "Running", "Succeeded", "Failed", "Unknown"):
            yield self.made("kube_pod_status_phase", {"phase": phase, **scrape},
                            steady(1 if phase == "Running" else 0))
        for condition in ("true", "false", "unknown"):
            is_so = condition == ("true" if self.ready else "false")
            yield self.made("kube_pod_status_ready", {"condition": condition, **scrape},
                            steady(1 if is_so else 0))
        requests = {"cpu": 0.1, "memory": 128 * MIB}
        limits = {"cpu": self.cpu_limit, "memory": self.memory_limit and self.memory_limit * MIB}
        for kind, resources in (("requests", requests), ("limits", limits)):
            for resource, amount in resources.items():
                if amount is not None:
                    unit = "core" if resource == "cpu" else "byte"
                    yield self.made(f"kube_pod_container_resource_{kind}", {
                        "resource": resource, "unit": unit, "node": "node-a", **container},
                        steady(amount))
        restarts = self.restart_every and (lambda at: at // self.restart_every
                                           - self.start // self.restart_every)
        yield self.made("kube_pod_container_status_restarts_total", container,
                        restarts or steady(0))
        if restarts:
            yield self.made("kube_pod_container_status_last_terminated_reason",
                            {"reason": "OOMKilled", **container}, steady(1))
        if not self.ready:
            yield self.made("kube_pod_container_status_waiting_reason",
                            {"reason": "CrashLoopBackOff", **container}, steady(1))


class Cluster:
    """All series, seen from `now`."""

    def __init__(self, now: int, end: int):
        self.now, self.start, self.end = now, now - 31 * DAY, end
        self.released = now - 3 * HOUR

    def series(self) -> Iterator[Series]:
        for pod in self.pods():
            yield from pod.series()
        yield from self.applications()
        yield from self.http()
        yield from self.storage()

    def pods(self) -> Iterator[Pod]:
        start, end, released = self.start, self.end, self.released
        for suffix in ("aaaa1", "aaaa2"):
            yield Pod("shop", "web", f"web-6b8c9d5f7-{suffix}", start, released, cores=0.12)
        for suffix in ("bbbb1", "bbbb2", "bbbb3"):
            yield Pod("shop", "web", f"web-7c9f6d4b8-{suffix}", released, end, cores=0.15)
        for suffix in ("cccc1", "cccc2"):
            yield Pod("shop", "web-api", f"web-api-5d4c7b9f6-{suffix}", start, end, cores=0.2,
                      cpu_limit=0.25, throttled=0.4)
        yield Pod("shop", "worker", "worker-84f5c7d9b-dddd1", start, end, cpu_limit=None,
                  memory_limit=None, restart_every=20 * MINUTE,
                  gap=(self.now - 25 * MINUTE, self.now - 20 * MINUTE))
        yield Pod("blog", "web", "web-58d9c6b74-eeee1", start, end, cores=0.05)
        yield Pod("blog", "site", "site-6f7d8c9b5-ffff1", start, end, cores=0.03, memory=240,
                  restart_every=HOUR, ready=False)
        yield Pod("shop-legacy", "web", "web-99f8c7d6b-zzzz1", start, end, factor=1000)
        yield Pod("kube-system", "coredns", "coredns-7db6d8ff4-gggg1", start, end, factor=0.1)

    def applications(self) -> Iterator[Series]:
        for namespace, application, wanted, ready in (
                ("shop", "web", 3, 3), ("shop", "web-api", 2, 2), ("shop", "worker", 1, 1),
                ("blog", "web", 1, 1), ("blog", "site", 2, 1), ("shop-legacy", "web", 1000, 1000),
                ("kube-system", "coredns", 1, 1)):
            labels = {"namespace": namespace, "deployment": application,
                      "job": "kube-state-metrics"}
            told = {"spec_replicas": wanted, "status_replicas": wanted,
                    "status_replicas_ready": ready, "status_replicas_available": ready,
                    "status_replicas_updated": wanted,
                    "status_replicas_unavailable": wanted - ready}
            for name, value in told.items():
                gauge = steady(value)
                if (namespace, application) == ("shop", "web"):
                    gauge = self.stepping(2, value)
                yield self.lasting(f"kube_deployment_{name}", labels, gauge)
        scaler = {"namespace": "shop", "horizontalpodautoscaler": "web",
                  "job": "kube-state-metrics"}
        for name, value in (("spec_min_replicas", 2), ("spec_max_replicas", 6),
                            ("status_current_replicas", 3), ("status_desired_replicas", 3)):
            gauge = self.stepping(2, value) if name.startswith("status") else steady(value)
            yield self.lasting(f"kube_horizontalpodautoscaler_{name}", scaler, gauge)

    def lasting(self, name: str, labels: dict[str, object], value: Value) -> Series:
        return Series(name, labels, value, self.start, self.end)

    def stepping(self, before: float, after: float) -> Value:
        """What the release changed."""
        return lambda at: after if at >= self.released else min(before, after)

    def http(self) -> Iterator[Series]:
        # As ingress-nginx is scraped unless told to keep its labels: the ingress's own namespace
        # is `exported_namespace`, `namespace` is the controller's.
        for namespace, ingress, rate in (("shop", "web", 20), ("blog", "site", 2),
                                         ("shop-legacy", "web", 20_000)):
            labels = {
                "exported_namespace": namespace, "ingress": ingress, "exported_service": ingress,
                "host": f"{ingress}.example.com", "path": "/", "namespace": "ingress-nginx",
                "pod": "ingress-nginx-controller-5b7c9d8f6-hhhh1", "controller_class":
                "k8s.io/ingress-nginx", "job": "ingress-nginx-controller-metrics"}
            yield from self.requests(
                "nginx_ingress_controller_requests",
                "nginx_ingress_controller_request_duration_seconds", labels, "status", rate)
        for namespace, application, pod, key, rate in (
                ("shop", "web-api", "web-api-5d4c7b9f6-cccc1", "code", 8),
                ("shop", "web-api", "web-api-5d4c7b9f6-cccc2", "code", 8),
                ("blog", "web", "web-58d9c6b74-eeee1", "status", 3),
                ("shop-legacy", "web", "web-99f8c7d6b-zzzz1", "code", 9_000)):
            labels = {"namespace": namespace, "pod": pod, "container": application,
                      "job": f"{namespace}/{application}", "service": application}
            yield from self.requests("http_requests_total", "http_request_duration_seconds",
                                     labels, key, rate)

    def requests(self, name: str, duration: str, labels: dict[str, object], code_label: str,
                 rate: float) -> Iterator[Series]:
        """Rates by answer, and a histogram of how long the answers took."""
        seed = name + str(labels)
        for method, code, share in (("GET", "200", 0.9), ("POST", "201", 0.05),
                                    ("GET", "404", 0.03), ("GET", "500", 0.02)):
            yield self.lasting(
                name, {**labels, "method": method, code_label: code},
                counter(rate * share, rate * share / 2, 2 * HOUR, seed, self.start))
        total = counter(rate, rate / 2, 2 * HOUR, seed, self.start)
        for bound in LE:
            share = 1 - math.exp(-bound / 0.08)
            yield self.lasting(f"{duration}_bucket", {**labels, "le": bound},
                               lambda at, share=share: math.floor(total(at) * share))
        yield self.lasting(f"{duration}_bucket", {**labels, "le": "+Inf"},
                           lambda at: math.floor(total(at)))
        yield self.lasting(f"{duration}_count", labels, lambda at: math.floor(total(at)))
        yield self.lasting(f"{duration}_sum", labels, lambda at: total(at) * 0.08)

    def storage(self) -> Iterator[Series]:
        size = 1024 * MIB
        for namespace, claim, share in (("shop", "worker-data", 0.4), ("shop-legacy", "data", 9)):
            labels = {"namespace": namespace, "persistentvolumeclaim": claim, "node": "node-a",
                      "job": "kubelet", "metrics_path": "/metrics"}

            def used(at: int, share: float = share) -> float:
                return size * (share + 0.5 * (at - self.start) / (32 * DAY))
            for name, value in (("capacity", steady(size)), ("used", used),
                                ("available", lambda at, used=used: size - used(at))):
                yield self.lasting(f"kubelet_volume_stats_{name}_bytes", labels, value)
            claimed = {"namespace": namespace, "persistentvolumeclaim": claim,
                       "job": "kube-state-metrics"}
            yield self.lasting("kube_persistentvolumeclaim_resource_requests_storage_bytes",
                               claimed, steady(size))
        for namespace in ("shop", "blog"):
            for resource, used_now, hard in (
                    ("requests.cpu", 0.6, 2), ("requests.storage", 1024 * MIB, 10240 * MIB), ("pods", 6, 20),
                    ("requests.memory", 768 * MIB, 4096 * MIB),
                    ("limits.memory", 1536 * MIB, 8192 * MIB)):
                for kind, value in (("used", used_now), ("hard", hard)):
                    yield self.lasting("kube_resourcequota", {
                        "namespace": namespace, "resourcequota": "project", "resource": resource,
                        "type": kind, "job": "kube-state-metrics"}, steady(value))
            yield self.lasting("kube_namespace_labels", {
                "namespace": namespace, "label_app_kubernetes_io_managed_by": "babyhelm",
                "job": "kube-state-metrics"}, steady(1))


def write(path: pathlib.Path, series: Iterable[Series], times: list[int]) -> None:
    with open(path, "w") as text:
        for one in series:
            text.writelines(one.lines(times))
        text.write("# EOF\n")


def write_all(folder: pathlib.Path, until: int) -> None:
    """Times are whole multiples of their distance, as if scraped on the minute."""
    now = int(time.time())
    cluster = Cluster(now, now + until)
    month = [*range((cluster.start // 240 + 1) * 240, now - 26 * HOUR, 240)]
    recent = [*range((now - 26 * HOUR) // 120 * 120, now - 2 * HOUR, 120),
              *range((now - 2 * HOUR) // 30 * 30 + 30, now + until, 30)]
    everything = list(cluster.series())
    write(folder / "month.om", (
        one for one in everything
        if 'namespace="shop",' in one.head and one.head.startswith(LASTING)
        and 'container="",' not in one.head), month)
    write(folder / "recent.om", everything, recent)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--until", type=int, default=0, metavar="SECONDS_AFTER_NOW")
    options = parser.parse_args()
    write_all(options.folder, options.until)
