"""Prints JSON Schema of OCSF classes. Standard input: [{"version", "class_uid", "profiles"}]; standard output: as many schemas, in order."""

import json
import sys
from functools import cache
from importlib.resources import files

from ocsf_json_schema.embedded import OcsfJsonSchemaEmbedded


@cache
def release(version: str) -> OcsfJsonSchemaEmbedded:
    text = files("ocsf_json_schema").joinpath("ocsf", f"{version}.json").read_text(encoding="utf-8")
    return OcsfJsonSchemaEmbedded(json.loads(text))


def schema_of(version: str, class_uid: int, profiles: list[str]) -> dict:
    schemas = release(version)
    return schemas.get_class_schema(schemas.lookup_class_name_from_uid(class_uid), profiles)


json.dump([schema_of(**wanted) for wanted in json.load(sys.stdin)], sys.stdout)
