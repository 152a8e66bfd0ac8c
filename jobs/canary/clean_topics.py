"""Canary, cleaning up in mids: deletes the canary's topic, and any that an earlier one left behind."""

import time

from confluent_kafka import KafkaError, KafkaException

from canary import TOPICS, fail, from_arguments
from create_topics import connect, partitions_of_topics

SECONDS = 15


def main():
    from_arguments()
    admin = connect()
    gone = leftovers(admin)
    for topic, deletion in (admin.delete_topics(gone, operation_timeout=SECONDS) if gone else {}).items():
        try:
            deletion.result(SECONDS + 5)
        except KafkaException as problem:
            if problem.args[0].code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                fail(f"Kafka: topic {topic} was not deleted: {problem.args[0].str()}")
    deadline = time.monotonic() + SECONDS
    while left := leftovers(admin):
        if time.monotonic() > deadline:
            fail(f"Kafka: still there after {SECONDS} s: {', '.join(left)}")
        time.sleep(0.1)
    print(f"cleaned up: {len(gone)} topic{'s' if len(gone) != 1 else ''}")


def leftovers(admin):
    return [name for name in partitions_of_topics(admin) if TOPICS.fullmatch(name)]


if __name__ == "__main__":
    main()
