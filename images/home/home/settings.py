"""What the service is told by its container: where the others are, and what to show beside their figures."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from home.reading import Address

ADDRESSES = ("zookeeper", "kafka", "namenode", "metastore", "hiveserver", "jupyter", "presto", "game_api")
# Of what not every lab has.
MORE_ADDRESSES = ("superset",)


class BadSetting(Exception):
    """A setting that can't be: the message names it, its value and what is allowed."""


@dataclass(frozen=True)
class Page:
    """Another web page of the lab, on a port of the lab's host."""

    name: str
    port: int
    path: str
    through_jupyter: bool


@dataclass(frozen=True)
class Settings:
    lab: str
    token: str
    addresses: dict[str, Address]
    versions: dict[str, str]
    exercise: dict[str, str]
    pages: list[Page]
    records: Path

    def address(self, name):
        return self.addresses[name]


def read_settings(environment=os.environ):
    """The settings of an environment. Raises BadSetting."""
    token_file = Path(environment.get("LAB_TOKEN_FILE", "/etc/lab/jupyter-token"))
    try:
        token = token_file.read_text().strip()
    except OSError as problem:
        raise BadSetting(f"LAB_TOKEN_FILE={str(token_file)!r} can't be read: {problem.strerror}") from None
    if not re.fullmatch(r"[!-~]{16,}", token):
        raise BadSetting(f"{token_file} must hold a token of at least 16 printable characters")
    return Settings(
        lab=_word(environment, "LAB_ID"),
        token=token,
        addresses={
            name: _address(environment, f"LAB_{name.upper()}")
            for name in (*ADDRESSES, *(more for more in MORE_ADDRESSES if f"LAB_{more.upper()}" in environment))
        },
        versions=_json(environment, "LAB_VERSIONS", dict),
        exercise=_json(environment, "LAB_EXERCISE", dict),
        pages=[
            Page(page["name"], page["port"], page["path"], page["throughJupyter"])
            for page in _json(environment, "LAB_PAGES", list)
        ],
        records=Path(environment.get("LAB_RECORDS", "/data/home")),
    )


def _word(environment, name):
    value = environment.get(name, "")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", value):
        raise BadSetting(f"{name}={value!r} must be of a-z, 0-9 and -")
    return value


def _address(environment, name):
    value = environment.get(name, "")
    match = re.fullmatch(r"([A-Za-z0-9._-]+):([0-9]{1,5})", value)
    if not match:
        raise BadSetting(f"{name}={value!r} must be HOST:PORT")
    return Address(match[1], int(match[2]))


def _json(environment, name, kind):
    value = environment.get(name, "")
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = None
    if not isinstance(parsed, kind):
        raise BadSetting(f"{name}={value[:80]!r} must be JSON, a {'list' if kind is list else 'map'}")
    return parsed
