"""Canary, hop 6 (in presto): a query finds the row in the canary's Hive table."""

import json
import os
import time
import urllib.request

from canary import fail, from_arguments

PRESTO = os.environ.get("PRESTO_HTTP", "http://presto:8080")
SECONDS = 30


def main():
    canary = from_arguments()
    canary.check("Presto", query(f"select accept, host, user_agent, event_type, timestamp from {canary.table}"))
    print("Presto: the query finds the row")


def query(sql):
    """The rows of the answer, which Presto gives in pages."""
    deadline = time.monotonic() + SECONDS
    headers = {"X-Presto-User": "science", "X-Presto-Catalog": "hive", "X-Presto-Schema": "default"}
    request = urllib.request.Request(f"{PRESTO}/v1/statement", data=sql.encode(), headers=headers)
    rows = []
    while request:
        try:
            with urllib.request.urlopen(request, timeout=max(1, deadline - time.monotonic())) as answer:
                page = json.load(answer)
        except (OSError, ValueError) as error:
            fail(f"Presto does not answer at {PRESTO}: {error}")
        if "error" in page:
            fail(f"Presto: {page['error']['message']}")
        rows += page.get("data", [])
        request = page.get("nextUri")
        if request and time.monotonic() > deadline:
            fail(f"Presto: no answer within {SECONDS} s to: {sql}")
    return rows


if __name__ == "__main__":
    main()
