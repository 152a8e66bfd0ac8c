"""Hook `topics`: makes the Kafka topics that are not there yet.

create_topics.py [--check LAB] TOPIC[:PARTITIONS] ...        (in mids)

A topic with too few partitions gets more; one with more keeps them, since Kafka can't take them away. With
--check it changes nothing and fails when a topic is missing.
"""

import argparse
import re

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

from lab import KAFKA, fail, mend

SECONDS = 20
TOPIC = re.compile(r"(?P<name>[A-Za-z0-9._-]{1,249})(?::(?P<partitions>[1-9][0-9]{0,3}))?")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", metavar="LAB")
    parser.add_argument("topics", nargs="+", metavar="TOPIC[:PARTITIONS]")
    args = parser.parse_args()
    wanted = {}
    for topic in args.topics:
        parts = TOPIC.fullmatch(topic) or fail(f"{topic!r}: expected TOPIC or TOPIC:PARTITIONS")
        wanted[parts["name"]] = int(parts["partitions"] or 1)
    admin = connect()
    if args.check:
        missing = [name for name in wanted if name not in partitions_of_topics(admin)]
        if missing:
            fail(f"Kafka: topic {', '.join(missing)} is missing on {KAFKA}. {mend(args.check, 'topics')}")
        print(f"Kafka topics are there: {', '.join(wanted)}")
        return
    found = partitions_of_topics(admin)
    for name, partitions in wanted.items():
        print(f"topic {name}: {ensure(admin, name, partitions, found.get(name))}")


def connect():
    return AdminClient({"bootstrap.servers": KAFKA, "log_level": 0})


def partitions_of_topics(admin):
    try:
        return {name: len(topic.partitions) for name, topic in admin.list_topics(timeout=SECONDS).topics.items()}
    except KafkaException as problem:
        fail(f"Kafka does not answer at {KAFKA}: {problem.args[0].str()}")


def ensure(admin, name, wanted, found):
    """Makes the topic what it has to be; says what was done."""
    if found is None:
        topic = NewTopic(name, num_partitions=wanted, replication_factor=1)
        try:
            wait(admin.create_topics([topic], operation_timeout=SECONDS)[name])
        except KafkaException as problem:
            if problem.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                fail(f"topic {name} was not made: {problem.args[0].str()}")
            return "is there"
        return f"made, {wanted} partition{'s' if wanted > 1 else ''}"
    if found < wanted:
        try:
            wait(admin.create_partitions([NewPartitions(name, wanted)], operation_timeout=SECONDS)[name])
        except KafkaException as problem:
            fail(f"topic {name} got no more partitions: {problem.args[0].str()}")
        return f"had {found} partitions, now {wanted}"
    if found > wanted:
        return f"keeps its {found} partitions ({wanted} asked for; Kafka can't take any away)"
    return "is there"


def wait(future):
    future.result(SECONDS + 5)


if __name__ == "__main__":
    main()
