"""Queries through Presto's HTTP API: no JVM has to start."""

import json
import os
import time
import urllib.request

from lab import USER, fail

PRESTO = os.environ.get("PRESTO_HTTP", "http://presto:8080")
SECONDS = 30


class PrestoError(Exception):
    """What Presto says of a query that failed."""


def query(sql):
    """The rows of the answer, which Presto gives in pages."""
    deadline = time.monotonic() + SECONDS
    headers = {"X-Presto-User": USER, "X-Presto-Catalog": "hive", "X-Presto-Schema": "default"}
    request = urllib.request.Request(f"{PRESTO}/v1/statement", data=sql.encode(), headers=headers)
    rows = []
    while request:
        try:
            with urllib.request.urlopen(request, timeout=max(1, deadline - time.monotonic())) as answer:
                page = json.load(answer)
        except (OSError, ValueError) as error:
            fail(f"Presto does not answer at {PRESTO}: {error}")
        if "error" in page:
            raise PrestoError(page["error"]["message"])
        rows += page.get("data", [])
        request = page.get("nextUri")
        if request and time.monotonic() > deadline:
            fail(f"Presto: no answer within {SECONDS} s to: {sql}")
    return rows
