"""Stand-ins for programs that an operator has and a test can't run: docker, helm, tailscale, swift,
and apt-get where it would ask the network.

And kubectl, of which only what the sandbox has no kind for is left out.

They do what can be done without an engine, a tailnet or an hour's build, and refuse what the real
ones would refuse of this repository: files that aren't there, services, values, tags and options that
nobody knows. Run as: commands.py NAME ARGUMENT…"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
STATE = pathlib.Path("/run/standin")
SETTINGS = json.loads((STATE / "settings.json").read_text())
# Debian's packages of many names that need no more than one of them here.
SAME = {"postgresql": "postgresql-15", "nginx": "nginx-light"}
# What the sandbox's cluster has no kinds for.
UNKNOWN_KINDS = {"DaemonSet", "Job", "ServiceMonitor"}


def fail(text: str) -> None:
    print(f"{sys.argv[1]}: {text}", file=sys.stderr)
    sys.exit(1)


def parser(*arguments, **more) -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog=sys.argv[1], allow_abbrev=False)
    for names, options in arguments:
        made.add_argument(*names, **options)
    return made


def file(path: str) -> pathlib.Path:
    found = pathlib.Path(path)
    if not found.exists():
        fail(f"{path} isn't there")
    return found


# Docker


def docker(arguments: list[str]) -> None:
    command, *rest = arguments
    if command == "build":
        given = parser((["-f"], {"required": True}), (["-t"], {"required": True}),
                       (["context"], {})).parse_args(rest)
        context = file(given.context)
        for names in re.findall(r"^COPY (?!--)(.*) \S+$", file(given.f).read_text(), re.M):
            for name in names.split():
                file(str(context / name))
        (STATE / "images").open("a").write(given.t + "\n")
    elif command == "push":
        if rest[0] not in (STATE / "images").read_text().split():
            fail(f"An image does not exist locally with the tag: {rest[0]}")
    elif command == "compose":
        given = parser((["-f"], {"required": True}), (["action"], {}),
                       (["rest"], {"nargs": argparse.REMAINDER})).parse_args(rest)
        compose(file(given.f), given.action, given.rest)
    else:
        fail(f"'{command}' is not a docker command")


def compose(path: pathlib.Path, action: str, rest: list[str]) -> None:
    text = path.read_text()
    services = yaml.safe_load(text)["services"]
    variables = dict(line.split("=", 1) for line in file(str(path.parent / ".env")).read_text()
                     .splitlines() if "=" in line and not line.startswith("#"))
    for name in re.findall(r"(?<!\$)\$\{(\w+)", text):
        if not variables.get(name):
            fail(f"required variable {name} is missing a value")
    names = [word for word in rest if not word.startswith("-")]
    if action in ("up", "ps", "down", "restart", "logs", "exec"):
        for name in names[:1] if action == "exec" else names:
            if name not in services:
                fail(f"no such service: {name}")
    else:
        fail(f"unknown docker command: compose {action}")
    if action == "up":
        if set(rest) - {"-d", "--build"}:
            fail(f"unknown flag among {rest}")
        for secret in yaml.safe_load(text)["secrets"].values():
            file(str(path.parent / secret["file"]))
        for service in services.values():
            for volume in service.get("volumes", []):
                if volume.startswith("."):
                    file(str(path.parent / volume.split(":")[0]))
        (STATE / "compose").write_text("up")
    elif not (STATE / "compose").exists():
        fail("nothing is up")
    elif action == "logs":
        print("babyhelm-1  | setup code: AB23-CD45")
    elif action == "exec":
        command = rest[rest.index(names[0]) + 1:]
        if not shutil.which(command[0], path="/usr/bin:/usr/sbin"):
            fail(f"{command[0]}: executable file not found")
        print("what it would write")


# Helm


def value(text: str):
    if text.startswith("{"):
        return [value(item) for item in text.strip("{}").split(",")]
    return {"true": True, "false": False}.get(text, int(text) if text.isdigit() else text)


def merge(target: dict, path: list[str], what) -> None:
    for name in path[:-1]:
        target = target.setdefault(name, {})
    target[path[-1]] = what


def helm(arguments: list[str]) -> None:
    given = parser(
        (["action"], {"choices": ["install", "upgrade", "uninstall"]}), (["name"], {}),
        (["chart"], {"nargs": "?"}), (["-n", "--namespace"], {"required": True}),
        (["--set"], {"action": "append", "default": []}), (["--reuse-values"], {"action": "store_true"}),
        (["--install"], {"action": "store_true"})).parse_args(arguments)
    release = STATE / f"helm-{given.namespace}-{given.name}.json"
    if given.action == "uninstall":
        if not release.exists():
            fail("release: not found")
        ask("-n", given.namespace, "delete", "deployment", given.name, given="")
        release.unlink()
        return
    if given.action == "upgrade" and not release.exists() and not given.install:
        fail(f'"{given.name}" has no deployed releases')
    chart = file(given.chart)
    file(str(chart / "Chart.yaml"))
    values = json.loads(release.read_text()) if given.reuse_values and release.exists() else {}
    for assignment in given.set:
        name, text = assignment.split("=", 1)
        merge(values, name.split("."), value(text))
    jsonschema.validate(values, json.loads((chart / "values.schema.json").read_text()))
    rendered = subprocess.run([SETTINGS["renderer"], chart, given.name, given.namespace],
                          input=yaml.safe_dump(values), capture_output=True, text=True)
    if rendered.returncode != 0:
        fail(rendered.stderr)
    ask("-n", given.namespace, "apply", "--server-side", "-f", "-", given=known(rendered.stdout))
    release.write_text(json.dumps(values))


# kubectl: the real one, but for kinds that the sandbox doesn't have


def known(manifests: str) -> str:
    return yaml.safe_dump_all(each for each in yaml.safe_load_all(manifests)
                              if each and each["kind"] not in UNKNOWN_KINDS)


def ask(*arguments: str, given: str) -> None:
    done = subprocess.run([SETTINGS["kubectl"], *arguments], input=given, text=True)
    if done.returncode != 0:
        sys.exit(done.returncode)


def kubectl(arguments: list[str]) -> None:
    paths = [arguments[index + 1] for index, word in enumerate(arguments)
             if word == "-f" and arguments[index + 1] != "-"]
    if "apply" not in arguments or not paths:
        os.execv(SETTINGS["kubectl"], ["kubectl", *arguments])
    manifests = []
    for path in map(file, paths):
        manifests += [each.read_text() for each in
                      (sorted(path.glob("*.yaml")) if path.is_dir() else [path])]
    others = [word for word in arguments if word != "-f" and word not in paths]
    ask(*others, "-f", "-", given=known("\n---\n".join(manifests)))


# Tailscale


def tailscale(arguments: list[str]) -> None:
    command, *rest = arguments
    if command == "up":
        given = parser((["--advertise-tags"], {"required": True})).parse_args(rest)
        policy = (ROOT / "deploy/tailscale/policy.hujson").read_text()
        for tag in given.advertise_tags.split(","):
            if f'"{tag}": [' not in policy:
                fail(f"requested tags [{tag}] are invalid or not permitted")
    elif command == "serve":
        given = parser((["--bg"], {"action": "store_true"}), (["--https"], {"type": int}),
                       (["target"], {})).parse_args(rest)
        if not re.fullmatch(r"http://127\.0\.0\.1:\d+", given.target) or given.https != 443:
            fail(f"can't serve {given.target}")
    else:
        fail(f"unknown subcommand: {command}")


# What would take too long, or ask the network


def swift(arguments: list[str]) -> None:
    given = parser((["action"], {"choices": ["build"]}), (["-c"], {"choices": ["debug", "release"]}),
                   (["--product"], {"required": True}),
                   (["--static-swift-stdlib"], {"action": "store_true"})).parse_args(arguments)
    if f'"{given.product}"' not in (ROOT / "Package.swift").read_text():
        fail(f"no product named '{given.product}'")
    target = ROOT / ".build" / given.c
    if target.is_symlink():
        target.unlink()
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(SETTINGS["binary"], target / given.product)


def apt_get(arguments: list[str]) -> None:
    names = [word for word in arguments[1:] if not word.startswith("-")]
    if set(arguments) - set(names) - {"-y", "--no-install-recommends"} - {arguments[0]}:
        fail(f"an option among {arguments} isn't known here")
    if all(name.startswith(("./", "/")) for name in names) or arguments[0] in ("remove", "purge"):
        os.execve("/usr/bin/apt-get", ["apt-get", "-q", *arguments],
                  {**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    if arguments[0] != "install":
        fail(f"Invalid operation {arguments[0]}")
    for name in names:
        states = [subprocess.run(["/usr/bin/dpkg-query", "-W", "-f=${db:Status-Status}", one],
                                 capture_output=True, text=True).stdout
                  for one in {name, SAME.get(name, name)}]
        if "installed" not in states:
            fail(f"Unable to locate package {name}")


if __name__ == "__main__":
    {"docker": docker, "helm": helm, "kubectl": kubectl, "swift": swift,
     "tailscale": tailscale, "apt-get": apt_get}[sys.argv[1]](sys.argv[2:])
