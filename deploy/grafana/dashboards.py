#!/usr/bin/env python3
"""Writes BabyHelm's dashboards for Grafana.

    deploy/grafana/dashboards.py [--babyhelm-url https://babyhelm.example.net] [--out FOLDER]

Without arguments it writes those in deploy/grafana/dashboards, which are part of the repository.
It needs nothing but Python 3.11. docs/grafana.md explains what they need and show.
"""

import argparse
import json
import pathlib

from panels import (
    ANY_IS_BAD, BAD, FULL, GOOD, PLAIN, WARNING, Dashboard, chart, stat, steps, table, target,
    variable)

FOLDER = pathlib.Path(__file__).parent / "dashboards"

# A pod's name is its Deployment's, the ReplicaSet's hash and five letters.
OF_APPLICATION = 'namespace="$namespace", pod=~"$application-[0-9a-z]+-[0-9a-z]{5}"'
OF_PROJECT = 'namespace="$namespace"'
RATE = "[$__rate_interval]"


def by_application(expression: str) -> str:
    """Sums over the pods of each application."""
    named = f'label_replace({expression}, "application", "$1", "pod", ' \
            '"(.+)-[0-9a-z]+-[0-9a-z]{5}")'
    return f"sum by (application) ({named})"


def ingress(metric: str, rest: str = "") -> tuple[str, str]:
    """Selectors for both ways in which ingress-nginx is scraped: with its own labels kept, or
    with the ingress's namespace as `exported_namespace`."""
    return (f'{metric}{{namespace="$namespace"{rest}}}',
            f'{metric}{{exported_namespace="$namespace"{rest}}}')


def requests(form: str, metric: str, rest: str = "") -> str:
    kept, exported = ingress(metric, rest)
    return f"{form.format(kept)} or {form.format(exported)}"


NAMESPACE = variable(
    "namespace", "Project",
    'label_values(kube_resourcequota{resourcequota="project", resource="requests.cpu"}, namespace)',
    "A project is a namespace with a quota, so a new one appears by itself.")
APPLICATION = variable(
    "application", "Application",
    'label_values(kube_deployment_spec_replicas{namespace="$namespace"}, deployment)',
    "An application is the Deployment of the same name.")


def link(title: str, path: str, tooltip: str) -> dict:
    return {"type": "link", "title": title, "url": "${babyhelm}" + path, "icon": "external link",
            "tooltip": tooltip, "targetBlank": True, "includeVars": False, "keepTime": False,
            "asDropdown": False, "tags": []}


def beside(title: str, uid: str, variables: str) -> dict:
    return {"type": "link", "title": title, "url": f"/d/{uid}?{variables}", "icon": "dashboard",
            "tooltip": title, "targetBlank": False, "includeVars": False, "keepTime": True,
            "asDropdown": False, "tags": []}


def deploys(selector: str) -> dict:
    """A line where a Deployment got a new ReplicaSet: a deploy that changed its pods. The series'
    value is when that was made."""
    return {
        "name": "Deploys", "enable": True, "hide": False, "iconColor": "purple",
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "expr": f"kube_replicaset_created{{{selector}}} * 1000", "useValueForTime": "on",
        "step": "60s", "titleFormat": "Deploy", "textFormat": "{{replicaset}}",
        "tagKeys": "namespace"}


def measured(selector: str, legend: str, grouped) -> dict:
    """The queries of use, requests and limits for processor and memory."""
    inside = f'{selector}, container!=""'
    resources = {
        (kind, resource): f'sum(kube_pod_container_resource_{kind}{{{selector}, '
                          f'resource="{resource}"}})'
        for kind in ("requests", "limits") for resource in ("cpu", "memory")}
    return {
        "cpu": [target(grouped(f"rate(container_cpu_usage_seconds_total{{{inside}}}{RATE})"),
                       legend),
                target(resources["requests", "cpu"], "Requests"),
                target(resources["limits", "cpu"], "Limits")],
        "memory": [target(grouped(f"container_memory_working_set_bytes{{{inside}}}"), legend),
                   target(resources["requests", "memory"], "Requests"),
                   target(resources["limits", "memory"], "Limits")],
        "throttling": [target(
            f"""{grouped(f'increase(container_cpu_cfs_throttled_periods_total{{{inside}}}{RATE})')}
            / {grouped(f'increase(container_cpu_cfs_periods_total{{{inside}}}{RATE})')}""",
            legend)],
        "restarts": [target(
            grouped(f"increase(kube_pod_container_status_restarts_total{{{selector}}}{RATE})"),
            legend)],
        "received": [target(grouped(
            f"rate(container_network_receive_bytes_total{{{selector}}}{RATE})"), legend)],
        "sent": [target(grouped(
            f"rate(container_network_transmit_bytes_total{{{selector}}}{RATE})"), legend)],
    }


def add_use(dashboard: Dashboard, queries: dict, of: str, *, stacked: bool) -> None:
    dashboard.row("Processor and memory")
    dashboard.add(
        chart("Processor", f"Cores that {of} use, with what they ask for and what stops them.",
              queries["cpu"], unit="none", stacked=stacked, decimals=2),
        chart("Memory", f"The working set of {of}: what counts when the limit kills a container.",
              queries["memory"], unit="bytes", stacked=stacked),
        chart("Throttled", "Share of the time slices in which the processor limit stopped a "
              "container. Above a quarter, people notice.", queries["throttling"],
              unit="percentunit", max=1, lines_at=steps((None, GOOD), (0.25, WARNING))),
        chart("Restarts", "Containers that ended and were started again.", queries["restarts"],
              bars=True, decimals=0))


def add_network(dashboard: Dashboard, queries: dict, of: str) -> None:
    dashboard.row("Network")
    dashboard.add(
        chart("Received", f"Bytes a second that {of} receive.", queries["received"], unit="Bps"),
        chart("Sent", f"Bytes a second that {of} send.", queries["sent"], unit="Bps"))


def add_requests(dashboard: Dashboard, of: str, rest: str) -> None:
    dashboard.row("Requests from outside")
    count = "nginx_ingress_controller_requests"
    bucket = "nginx_ingress_controller_request_duration_seconds_bucket"
    dashboard.add(
        chart("Requests", f"Answers a second to requests for {of}, by status, as the ingress "
              "controller counts them.",
              [target(requests(f"sum by (status) (rate({{}}{RATE}))", count, rest), "{{status}}")],
              unit="reqps", stacked=True, width=8),
        chart("Server errors", "Share of the answers with a status of 500 and more.",
              [target(f"""({requests(f'sum(rate({{}}{RATE}))', count, rest + ', status=~"5.."')})
                      / ({requests(f'sum(rate({{}}{RATE}))', count, rest)})""", "Errors")],
              unit="percentunit", width=8, max=1,
              lines_at=steps((None, GOOD), (0.01, WARNING), (0.05, BAD))),
        chart("Time to answer", "How long the slowest half, twentieth and hundredth of the "
              "requests take at least.",
              [target(requests(f"histogram_quantile({share}, sum by (le) (rate({{}}{RATE})))",
                               bucket, rest), name)
               for share, name in ((0.5, "half"), (0.95, "95 %"), (0.99, "99 %"))],
              unit="s", width=8))


def project() -> Dashboard:
    dashboard = Dashboard(
        "babyhelm-project", "BabyHelm / Project",
        "One project: its applications, what they use of its quota, and how they do.",
        [NAMESPACE], [
            link("BabyHelm", "/projects/${namespace}", "The project's page in BabyHelm"),
            beside("Applications", "babyhelm-application", "var-namespace=${namespace}")],
        [deploys(OF_PROJECT)])

    def of_quota(resource: str, title: str) -> object:
        quota = f'{OF_PROJECT}, resourcequota="project", resource="{resource}"'
        used = f'kube_resourcequota{{{quota}, type="used"}}'
        hard = f'kube_resourcequota{{{quota}, type="hard"}}'
        return stat(f"{title} of quota", f"{title} that the project's pods ask for, as a share of "
                    "its quota. At 100 % nothing more is deployed.",
                    f"sum({used}) / sum({hard})", unit="percentunit", thresholds=FULL, decimals=0)

    dashboard.add(
        stat("Applications", "Deployments in the project.",
             f"count(kube_deployment_spec_replicas{{{OF_PROJECT}}})"),
        stat("Not ready", "Replicas that are wanted and don't serve.",
             f"""sum(kube_deployment_spec_replicas{{{OF_PROJECT}}})
             - sum(kube_deployment_status_replicas_ready{{{OF_PROJECT}}})""",
             thresholds=ANY_IS_BAD),
        of_quota("requests.cpu", "Processor"), of_quota("requests.memory", "Memory"),
        of_quota("pods", "Pods"),
        stat("Restarts in an hour", "Containers that were started again in the last hour.",
             f"sum(increase(kube_pod_container_status_restarts_total{{{OF_PROJECT}}}[1h]))",
             thresholds=steps((None, GOOD), (1, WARNING), (5, BAD)), decimals=0))
    queries = measured(OF_PROJECT, "{{application}}", by_application)
    add_use(dashboard, queries, "the project's applications", stacked=True)
    dashboard.row("Applications")
    dashboard.add(
        chart("Ready replicas", "Replicas that serve.",
              [target(f"sum by (deployment) (kube_deployment_status_replicas_ready{{{OF_PROJECT}}})",
                      "{{deployment}}")], decimals=0),
        table("Applications", "What each application has now; its name opens its dashboard.",
              [("Ready", "short",
                f"sum by (deployment) (kube_deployment_status_replicas_ready{{{OF_PROJECT}}})"),
               ("Wanted", "short",
                f"sum by (deployment) (kube_deployment_spec_replicas{{{OF_PROJECT}}})"),
               ("Restarts in a day", "short",
                'label_replace(' + by_application(
                    f"increase(kube_pod_container_status_restarts_total{{{OF_PROJECT}}}[1d])")
                + ', "deployment", "$1", "application", "(.+)")')],
              by="deployment", thresholds=PLAIN,
              link="/d/babyhelm-application?var-namespace=${namespace}"
                   "&var-application=${__data.fields.deployment}"),
        chart("Pods that wait", "Containers that can't start, by the reason that Kubernetes gives.",
              [target(f"sum by (reason) (kube_pod_container_status_waiting_reason{{{OF_PROJECT}}})",
                      "{{reason}}")], bars=True, stacked=True, decimals=0),
        chart("Volumes", "Share of each volume that is used.",
              [target(f"""sum by (persistentvolumeclaim)
                      (kubelet_volume_stats_used_bytes{{{OF_PROJECT}}})
                      / sum by (persistentvolumeclaim)
                      (kubelet_volume_stats_capacity_bytes{{{OF_PROJECT}}})""",
                      "{{persistentvolumeclaim}}")], unit="percentunit", max=1, lines_at=FULL))
    add_requests(dashboard, "the project", "")
    add_network(dashboard, queries, "the project's pods")
    return dashboard


def application() -> Dashboard:
    deployment = 'namespace="$namespace", deployment="$application"'
    scaler = 'namespace="$namespace", horizontalpodautoscaler="$application"'
    dashboard = Dashboard(
        "babyhelm-application", "BabyHelm / Application",
        "One application: its pods, what they use, and what it answers.",
        [NAMESPACE, APPLICATION], [
            link("BabyHelm", "/projects/${namespace}/apps/${application}",
                 "The application's page in BabyHelm"),
            beside("Project", "babyhelm-project", "var-namespace=${namespace}")],
        [deploys('namespace="$namespace", replicaset=~"$application-[0-9a-z]+"')])
    use = f'rate(container_cpu_usage_seconds_total{{{OF_APPLICATION}, container!=""}}[5m])'
    limit = f'kube_pod_container_resource_limits{{{OF_APPLICATION}, resource="%s"}}'
    dashboard.add(
        stat("Ready", "Replicas that serve.",
             f"sum(kube_deployment_status_replicas_ready{{{deployment}}})",
             thresholds=steps((None, BAD), (1, GOOD))),
        stat("Wanted", "Replicas that there should be.",
             f"sum(kube_deployment_spec_replicas{{{deployment}}})"),
        stat("Processor", "Cores in use, of all pods together.", f"sum({use})", unit="none",
             decimals=2),
        stat("Processor of limit", "Share of the limits of all pods that is in use.",
             f'sum({use}) / sum({limit % "cpu"})', unit="percentunit", thresholds=FULL, decimals=0),
        stat("Memory of limit", "Share of the memory limits of all pods that is in use. A "
             "container that reaches its own is killed.",
             f"""sum(container_memory_working_set_bytes{{{OF_APPLICATION}, container!=""}})
             / sum({limit % "memory"})""", unit="percentunit", thresholds=FULL, decimals=0),
        stat("Restarts in an hour", "Containers that were started again in the last hour.",
             f"sum(increase(kube_pod_container_status_restarts_total{{{OF_APPLICATION}}}[1h]))",
             thresholds=steps((None, GOOD), (1, WARNING), (5, BAD)), decimals=0))
    queries = measured(OF_APPLICATION, "{{pod}}", lambda inner: f"sum by (pod) ({inner})")
    add_use(dashboard, queries, "the application's pods", stacked=False)
    dashboard.row("Replicas")
    dashboard.add(
        chart("Replicas", "Replicas that serve, that are wanted, and between which numbers the "
              "autoscaler chooses.",
              [target(f"sum(kube_deployment_status_replicas_ready{{{deployment}}})", "Ready"),
               target(f"sum(kube_deployment_spec_replicas{{{deployment}}})", "Wanted"),
               target(f"sum(kube_horizontalpodautoscaler_spec_min_replicas{{{scaler}}})",
                      "At least"),
               target(f"sum(kube_horizontalpodautoscaler_spec_max_replicas{{{scaler}}})",
                      "At most")], decimals=0),
        table("Pods", "The pods that there are now.",
              [("Processor", "none", f"sum by (pod) ({use})"),
               ("Memory", "bytes", f'sum by (pod) (container_memory_working_set_bytes'
                                   f'{{{OF_APPLICATION}, container!=""}})'),
               ("Restarts", "short", "sum by (pod) (kube_pod_container_status_restarts_total"
                                     f"{{{OF_APPLICATION}}})")], by="pod", thresholds=PLAIN))
    # An application's Ingress bears its name.
    add_requests(dashboard, "the application", ', ingress="$application"')
    add_network(dashboard, queries, "the application's pods")
    return dashboard


def cluster() -> Dashboard:
    dashboard = Dashboard(
        "babyhelm-cluster", "BabyHelm / Cluster",
        "The whole cluster: its nodes, and what projects take of it.", [],
        [link("BabyHelm", "/admin/cluster", "The cluster's page in BabyHelm"),
         beside("BabyHelm itself", "babyhelm-server", "")], refresh="1m")
    disk = 'fstype!~"tmpfs|ramfs|overlay|squashfs|iso9660"'

    def of_nodes(resource: str, title: str) -> object:
        return stat(f"{title} asked for", f"{title} that all pods ask for, as a share of what the "
                    "nodes give. At 100 % no pod finds a place.",
                    f'sum(kube_pod_container_resource_requests{{resource="{resource}"}}) '
                    f'/ sum(kube_node_status_allocatable{{resource="{resource}"}})',
                    unit="percentunit", thresholds=FULL, decimals=0)

    dashboard.add(
        stat("Nodes", "Nodes in the cluster.", "count(kube_node_info)"),
        stat("Nodes not ready", "Nodes that take no pods.",
             'sum(kube_node_status_condition{condition="Ready", status=~"false|unknown"})',
             thresholds=ANY_IS_BAD),
        of_nodes("cpu", "Processor"), of_nodes("memory", "Memory"),
        stat("Pods that don't run", "Pods that wait for a place or an image, or failed.",
             'sum(kube_pod_status_phase{phase=~"Pending|Failed|Unknown"})',
             thresholds=steps((None, GOOD), (1, WARNING), (10, BAD))),
        stat("Projects", "Namespaces with a quota.",
             """count(count by (namespace)
             (kube_resourcequota{resourcequota="project", resource="requests.cpu"}))"""))
    dashboard.row("Nodes")
    dashboard.add(
        chart("Processor", "Share of each node's processor time that is used.",
              [target(f'1 - avg by (instance) (rate(node_cpu_seconds_total{{mode="idle"}}{RATE}))',
                      "{{instance}}")], unit="percentunit", max=1, lines_at=FULL, width=8),
        chart("Memory", "Share of each node's memory that isn't available any more.",
              [target("1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
                      "{{instance}}")], unit="percentunit", max=1, lines_at=FULL, width=8),
        chart("Disks", "Share of each file system that is used. At 85 % Kubernetes begins to throw "
              "images and pods away.",
              [target(f"""max by (instance, mountpoint) (1 - node_filesystem_avail_bytes{{{disk}}}
                      / node_filesystem_size_bytes{{{disk}}})""", "{{instance}} {{mountpoint}}")],
              unit="percentunit", max=1, width=8,
              lines_at=steps((None, GOOD), (0.85, WARNING), (0.95, BAD))))
    dashboard.row("Projects")
    quota = """sum by (namespace)
        (kube_resourcequota{{resourcequota="project", resource="{0}", type="used"}})
        / sum by (namespace)
        (kube_resourcequota{{resourcequota="project", resource="{0}", type="hard"}})"""
    dashboard.add(
        chart("Processor by namespace", "Cores that the ten busiest namespaces use.",
              [target(f"""topk(10, sum by (namespace)
                      (rate(container_cpu_usage_seconds_total{{container!=""}}{RATE})))""",
                      "{{namespace}}")], unit="none", decimals=2),
        chart("Memory by namespace", "The working sets of the ten largest namespaces.",
              [target("""topk(10, sum by (namespace)
                      (container_memory_working_set_bytes{container!=""}))""", "{{namespace}}")],
              unit="bytes"),
        table("Quotas", "How much of its quota each project's pods ask for; a name opens the "
              "project's dashboard.",
              [("Processor", "percentunit", quota.format("requests.cpu")),
               ("Memory", "percentunit", quota.format("requests.memory")),
               ("Pods", "percentunit", quota.format("pods"))], by="namespace",
              link="/d/babyhelm-project?var-namespace=${__data.fields.namespace}"),
        chart("Restarts by namespace", "Containers that were started again, in the ten namespaces "
              "with the most.",
              [target(f"""topk(10, sum by (namespace)
                      (increase(kube_pod_container_status_restarts_total{RATE})))""",
                      "{{namespace}}")], bars=True, decimals=0),
        chart("Fullest volumes", "The ten volumes with the least room.",
              [target("""topk(10, sum by (namespace, persistentvolumeclaim)
                      (kubelet_volume_stats_used_bytes) / sum by (namespace, persistentvolumeclaim)
                      (kubelet_volume_stats_capacity_bytes))""",
                      "{{namespace}}/{{persistentvolumeclaim}}")], unit="percentunit", max=1,
              lines_at=FULL),
        chart("Throttled by namespace", "Share of the time slices in which a limit stopped "
              "containers, in the ten namespaces with the most.",
              [target(f"""topk(10, sum by (namespace)
                      (increase(container_cpu_cfs_throttled_periods_total{{container!=""}}{RATE}))
                      / sum by (namespace)
                      (increase(container_cpu_cfs_periods_total{{container!=""}}{RATE})))""",
                      "{{namespace}}")], unit="percentunit", max=1))
    return dashboard


def server() -> Dashboard:
    dashboard = Dashboard(
        "babyhelm-server", "BabyHelm / Server",
        "BabyHelm itself: its pages, its database, its view of the cluster, and its deploys.", [],
        [link("BabyHelm", "/admin/cluster", "BabyHelm's page about the cluster"),
         beside("Cluster", "babyhelm-cluster", "")])

    def slowest(metric: str, labels: str = "") -> list[dict]:
        return [target(f"histogram_quantile({share}, sum by (le) "
                       f"(rate({metric}_bucket{labels}{RATE})))", name)
                for share, name in ((0.5, "half"), (0.95, "95 %"), (0.99, "99 %"))]

    dashboard.add(
        stat("Replicas", "Processes that answered the last scrape.",
             'count(babyhelm_build_info)', thresholds=steps((None, BAD), (1, GOOD))),
        stat("Cluster", "0 while the cluster answers, 1 while pages say that it doesn't.",
             "max(babyhelm_cluster_stale)", thresholds=ANY_IS_BAD),
        stat("Projects", "Projects that aren't deleted.", "max(babyhelm_projects)"),
        stat("Applications", "Applications that aren't deleted.", "max(babyhelm_applications)"),
        stat("People", "Accounts that aren't suspended.", "sum(max by (role) (babyhelm_users))"),
        stat("Alerts", "Alerts that are firing.", "sum(max by (severity) (babyhelm_alerts))",
             thresholds=steps((None, GOOD), (1, WARNING))))
    dashboard.row("Requests")
    dashboard.add(
        chart("Requests", "Answers a second, by status.",
              [target(f"sum by (status) (rate(babyhelm_http_requests_total{RATE}))",
                      "{{status}}")], unit="reqps", stacked=True, width=8),
        chart("Server errors", "Share of the answers that say that something broke.",
              [target(f"""(sum(rate(babyhelm_http_requests_total{{status="5xx"}}{RATE})) or vector(0))
                      / sum(rate(babyhelm_http_requests_total{RATE}))""", "Errors")],
              unit="percentunit", width=8, max=1,
              lines_at=steps((None, GOOD), (0.01, WARNING), (0.05, BAD))),
        chart("Time to answer", "How long the slowest half, twentieth and hundredth of the "
              "requests take at least.", slowest("babyhelm_http_request_duration_seconds"),
              unit="s", width=8),
        chart("Slowest routes", "The time within which 95 of 100 requests are answered, for the "
              "ten slowest routes.",
              [target(f"""topk(10, histogram_quantile(0.95, sum by (le, route)
                      (rate(babyhelm_http_request_duration_seconds_bucket{RATE}))))""",
                      "{{route}}")], unit="s"),
        chart("Rendering", "Time to make a page of what it shows.",
              slowest("babyhelm_page_render_duration_seconds"), unit="s"),
        chart("Open", "Requests without an answer yet, and streams that are open.",
              [target("sum(babyhelm_http_requests_in_flight)", "Unanswered"),
               target("sum(babyhelm_event_streams_open)", "Live updates"),
               target("sum(babyhelm_log_streams_open)", "Logs of pods")], decimals=0),
        chart("Sessions", "Sessions that people could go on with.",
              [target("max(babyhelm_sessions)", "Sessions")], decimals=0))
    dashboard.row("Database")
    dashboard.add(
        chart("Transactions", "The time within which 95 of 100 transactions end, without waiting "
              "for a connection.",
              [target(f"""histogram_quantile(0.95, sum by (le, kind)
                      (rate(babyhelm_database_transaction_duration_seconds_bucket{RATE})))""",
                      "{{kind}}")], unit="s", width=8),
        chart("Connections", "Connections in use, transactions that wait for one, and how many "
              "there may be.",
              [target("sum(babyhelm_database_connections_in_use)", "In use"),
               target("sum(babyhelm_database_transactions_waiting)", "Waiting"),
               target("sum(babyhelm_database_connections_max)", "At most")], decimals=0, width=8),
        chart("Failed transactions", "Transactions that ended with an error of the database.",
              [target(f"sum by (kind) (increase(babyhelm_database_transaction_failures_total{RATE}))",
                      "{{kind}}")], bars=True, decimals=0, width=8))
    dashboard.row("Cluster")
    dashboard.add(
        chart("Time since the cluster spoke", "How long ago the API server last said anything "
              "about each kind. A quiet cluster says something once a minute.",
              [target("max by (kind) (babyhelm_reflector_lag_seconds)", "{{kind}}")], unit="s",
              width=8, lines_at=steps((None, GOOD), (300, BAD))),
        chart("Lists", "How often all objects of a kind had to be listed anew.",
              [target(f"sum by (kind) (increase(babyhelm_reflector_relists_total{RATE}))",
                      "{{kind}}")], bars=True, decimals=0, width=8),
        chart("Failures", "How often following a kind failed.",
              [target(f"sum by (kind) (increase(babyhelm_reflector_failures_total{RATE}))",
                      "{{kind}}")], bars=True, decimals=0, width=8))
    dashboard.row("Deploys and notifications")
    dashboard.add(
        chart("Deploys under way", "Deploys that wait, are applied, or are followed.",
              [target("max by (state) (babyhelm_operations)", "{{state}}")], stacked=True,
              decimals=0, width=8),
        chart("Oldest deploy under way", "0 without one.",
              [target("max(babyhelm_operation_oldest_seconds)", "Age")], unit="s", width=8,
              lines_at=steps((None, GOOD), (3600, BAD))),
        chart("Rollouts", "How long rollouts take, by how they end: 95 of 100 take less.",
              [target(f"""histogram_quantile(0.95, sum by (le, outcome)
                      (rate(babyhelm_rollout_duration_seconds_bucket[1h])))""", "{{outcome}}")],
              unit="s", width=8),
        chart("Deploy hooks", "Calls of deploy hooks, by what came of them.",
              [target(f"sum by (outcome) (increase(babyhelm_hook_calls_total{RATE}))",
                      "{{outcome}}")], bars=True, stacked=True, decimals=0, width=8),
        chart("Notifications", "Attempts to send a notification.",
              [target(f"sum by (channel, outcome) (increase(babyhelm_deliveries_total{RATE}))",
                      "{{channel}} {{outcome}}")], bars=True, stacked=True, decimals=0, width=8),
        chart("Notifications that wait", "Notifications that are still to be sent.",
              [target("max(babyhelm_deliveries_waiting)", "Waiting")], decimals=0, width=8))
    dashboard.row("Process")
    process = '{job="babyhelm"}'
    dashboard.add(
        chart("Processor", "Cores that each replica uses.",
              [target(f"rate(process_cpu_seconds_total{process}{RATE})", "{{instance}}")],
              unit="none", decimals=2, width=6),
        chart("Memory", "Resident memory of each replica.",
              [target(f"process_resident_memory_bytes{process}", "{{instance}}")], unit="bytes",
              width=6),
        chart("File descriptors", "Open files and connections, and how many there may be.",
              [target(f"process_open_fds{process}", "{{instance}}"),
               target(f"min(process_max_fds{process})", "At most")], decimals=0, width=6),
        chart("Clock", "How far each replica's clock is off the database's, which it goes by.",
              [target("abs(babyhelm_clock_skew_seconds)", "{{instance}}")], unit="s", width=6))
    return dashboard


def texts(babyhelm_url: str = "") -> dict[str, str]:
    """Each file's name and content."""
    made = (project(), application(), cluster(), server())
    return {f"{each.uid}.json": json.dumps(
        each.json(babyhelm_url), indent=1, ensure_ascii=False) + "\n" for each in made}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--babyhelm-url", default="", help="where people reach BabyHelm")
    parser.add_argument("--out", type=pathlib.Path, default=FOLDER)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for name, text in texts(options.babyhelm_url.rstrip("/")).items():
        (options.out / name).write_text(text)
