"""What a power cut, or `kill -9`, leaves behind."""

import time

import pytest

from person import Person
from program import PASSWORD, make_admin, wait_until
from server import Server

# Seconds from the confirmation: before a worker has begun, while it applies, while pods start.
MOMENTS = [0, 0.03, 0.1, 0.4]


def serve(tmp_path, database: str, sandbox) -> Server:
    return Server(
        tmp_path, cluster=("--kubeconfig", str(sandbox.kubeconfig)), database_url=database).start()


def sign_in(server: Server) -> Person:
    person = Person(server.url)
    person.open("/login")
    person.submit("password", email="ada@example.com", password=PASSWORD)
    return person


def confirm(person: Person, name: str) -> None:
    person.open("/projects/shop/apps/new")
    person.submit("image", name=name, image="slow:1", port="80", replicas="2")
    person.submit("plan")


def is_through(person: Person, name: str) -> bool:
    page = person.open(f"/projects/shop/apps/{name}")
    return "2/2" in page and "All replicas serve." in page


def test_a_deploy_that_was_cut_off_is_finished_after_a_restart(tmp_path, database, sandbox):
    make_admin(tmp_path, database)
    server = serve(tmp_path, database, sandbox)
    person = sign_in(server)
    person.open("/projects/new")
    person.submit("cpu", name="shop", cpu="20", memory="20Gi", pods="50")

    for number, moment in enumerate(MOMENTS):
        name = f"app-{number}"
        confirm(person, name)
        time.sleep(moment)
        server.kill()

        server = serve(tmp_path, database, sandbox)
        person = sign_in(server)
        wait_until(f"{name} is through, killed after {moment} s", lambda: is_through(person, name))
        page = person.open(f"/projects/shop/apps/{name}")
        assert page.count("Succeeded") == 1, "one release, deployed once"
    server.stop()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_server_that_is_told_to_stop_leaves_its_deploy_to_the_next(tmp_path, database, sandbox):
    make_admin(tmp_path, database)
    server = serve(tmp_path, database, sandbox)
    person = sign_in(server)
    person.open("/projects/new")
    person.submit("cpu", name="shop")
    confirm(person, "web")
    server.stop()

    server = serve(tmp_path, database, sandbox)
    person = sign_in(server)
    wait_until("web is through", lambda: is_through(person, "web"))
    server.stop()
