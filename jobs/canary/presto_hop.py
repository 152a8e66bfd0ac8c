"""Canary, hop 6 (in presto): a query finds the row in the canary's Hive table."""

from canary import fail, from_arguments
from presto import PrestoError, query


def main():
    canary = from_arguments()
    try:
        rows = query(f"select accept, host, user_agent, event_type, timestamp from {canary.table}")
    except PrestoError as problem:
        fail(f"Presto: {problem}")
    canary.check("Presto", rows)
    print("Presto: the query finds the row")


if __name__ == "__main__":
    main()
