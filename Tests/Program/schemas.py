"""Whether Kubernetes objects are valid under the schemas that a Kubernetes 1.36 API server serves."""

import functools
import json
import os
import pathlib

import jsonschema

SHARED = pathlib.Path(os.environ.get(
    "BABYHELM_SHARED", pathlib.Path(__file__).resolve().parents[3] / "shared"))
FOLDER = SHARED / "kubernetes" / "openapi"


def available() -> bool:
    return FOLDER.is_dir()


@functools.cache
def document(version: str) -> dict | None:
    """The OpenAPI document of a group and version, with objects closed for unknown fields."""
    name = f"apis_{version.replace('/', '_')}" if "/" in version else f"api_{version}"
    path = FOLDER / f"{name}.json"
    if not path.exists():
        return None
    return json.loads(path.read_text())


def closed(schema):
    """Kubernetes says `additionalProperties` only for maps; a strict server refuses the rest."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(value) for key, value in schema.items() if key != "default"}
    if "properties" in schema and "additionalProperties" not in schema:
        result["additionalProperties"] = False
    if schema.get("x-kubernetes-int-or-string") or schema.get("format") == "int-or-string":
        result = {"type": ["integer", "string"]}
    # A reference with a description beside it is written as the only part of an `allOf`.
    if list(result.get("allOf", [])) and "additionalProperties" in result:
        del result["additionalProperties"]
    return result


@functools.cache
def validator(version: str, kind: str):
    """Of a kind, or nothing where its group isn't among the recorded documents."""
    api = document(version)
    if api is None:
        return None
    group, _, short = version.rpartition("/")
    wanted = {"group": group, "version": short, "kind": kind}
    schemas = api["components"]["schemas"]
    names = [name for name, schema in schemas.items()
             if wanted in schema.get("x-kubernetes-group-version-kind", [])]
    if not names:
        return None
    root = {"$ref": f"#/components/schemas/{names[0]}",
            "components": {"schemas": closed(schemas)}}
    return jsonschema.Draft202012Validator(root)


def mistakes(manifest: dict) -> list[str]:
    """What is wrong with an object; nothing for a kind whose schema isn't there."""
    found = validator(manifest["apiVersion"], manifest["kind"])
    if found is None:
        return []
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
            for error in found.iter_errors(manifest)]


def is_known(manifest: dict) -> bool:
    return validator(manifest["apiVersion"], manifest["kind"]) is not None
