"""Makes a topic of one partition, with events as the game API makes them of ab's requests, half of them purchases.

fill_topic.py TOPIC EVENTS        (in mids)
"""

import json
import os
import sys

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

KAFKA = os.environ["KAFKA_BOOTSTRAP"]
HOSTS = ["user1.comcast.com", "user2.att.com"]
TYPES = ["default", "purchase_sword"]


def events():
    """One of each host and type, with ab's headers in the order in which Flask gives them."""
    for host in HOSTS:
        for event_type in TYPES:
            headers = {"Host": host, "User-Agent": "ApacheBench/2.3", "Accept": "*/*"}
            yield json.dumps({"event_type": event_type, **headers}).encode()


def main():
    topic, count = sys.argv[1], int(sys.argv[2])
    admin = AdminClient({"bootstrap.servers": KAFKA})
    admin.create_topics([NewTopic(topic, 1, 1)])[topic].result(30)
    producer = Producer({"bootstrap.servers": KAFKA, "linger.ms": 20, "enable.idempotence": True})
    kinds = list(events())
    for number in range(count):
        while True:
            try:
                producer.produce(topic, kinds[number % len(kinds)])
                break
            except BufferError:
                producer.poll(0.1)
        if number % 10_000 == 0:
            producer.poll(0)
    if producer.flush(60):
        sys.exit(f"{topic}: not all {count} events were stored")
    print(f"{topic}: {count} events")


if __name__ == "__main__":
    main()
