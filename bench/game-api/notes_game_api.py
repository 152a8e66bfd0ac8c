"""The class exercise's game API as class notes write it: a producer with its defaults, one send a request."""

import json
import os

from flask import Flask, request
from kafka import KafkaProducer

app = Flask(__name__)
producer = KafkaProducer(bootstrap_servers="kafka:29092")


def log_to_kafka(topic, event):
    event.update(request.headers)
    producer.send(topic, json.dumps(event).encode())


@app.route("/")
def default_response():
    log_to_kafka(os.environ["EVENTS_TOPIC"], {"event_type": "default"})
    return "This is the default response!\n"


@app.route("/purchase_a_sword")
def purchase_a_sword():
    log_to_kafka(os.environ["EVENTS_TOPIC"], {"event_type": "purchase_sword"})
    return "Sword Purchased!\n"
