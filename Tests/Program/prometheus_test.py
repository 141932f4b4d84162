"""The tests' own Prometheus and Alertmanager do what tests rely on."""

import json

from program import wait_until
from prometheus import Alertmanager, Prometheus


def test_history_is_there_and_new_samples_follow_it(tmp_path):
    rules = tmp_path / "rules.yml"
    rules.write_text(json.dumps({"groups": [{"name": "test", "interval": "1s", "rules": [
        {"record": "test:pods", "expr": 'count(kube_pod_info{namespace="shop"})'},
        {"alert": "Crashing", "expr": "kube_pod_container_status_waiting_reason == 1"}]}]}))
    config = {"global": {"scrape_interval": "1s"}, "rule_files": [str(rules)],
              "scrape_configs": [{"job_name": "itself", "static_configs": []}]}

    with Prometheus(tmp_path, config, series=True) as prometheus:
        config["scrape_configs"][0]["static_configs"] = [
            {"targets": [prometheus.url.removeprefix("http://")]}]
        prometheus.configure(config)

        assert prometheus.query('count_over_time(kube_deployment_spec_replicas'
                                '{namespace="shop",deployment="web"}[30d])')
        assert prometheus.wait_for('up{job="itself"} == 1')
        assert prometheus.wait_for("test:pods")[0]["value"][1] == "6"
        alert, = wait_until("an alert fires", prometheus.alerts)
        assert alert["labels"]["namespace"] == "blog"
        assert [target["health"] for target in prometheus.targets()] == ["up"]


def test_alertmanager_takes_alerts(tmp_path):
    config = {"route": {"receiver": "none"}, "receivers": [{"name": "none"}]}

    with Alertmanager(tmp_path, config) as alertmanager:
        alertmanager.send([{"labels": {"alertname": "Crashing", "namespace": "shop"}}])

        alert, = wait_until("the alert is there", alertmanager.alerts)
        assert alert["labels"] == {"alertname": "Crashing", "namespace": "shop"}
