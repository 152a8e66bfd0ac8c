"""What the streaming jobs share: running a query until it is stopped, with a line for each micro-batch."""

import logging
import signal
import threading
import time

from py4j.protocol import Py4JError
from pyspark.errors import StreamingQueryException

from events import summary


def run(spark, query, after_first_batch=lambda: None):
    """Waits until Ctrl-C or SIGTERM stops the query; raises what made it fail."""
    stopping = stop_signals(spark)
    last = None
    try:
        while not stopping.is_set() and not query.awaitTermination(1):
            for progress in query.recentProgress:
                batch = progress["batchId"]
                if progress["numInputRows"] and (last is None or batch > last):
                    print(f"batch {batch}: {summary(progress['observedMetrics']['events'])}")
                    if last is None:
                        after_first_batch()
                    last = batch
        stop(query)
    except (Py4JError, StreamingQueryException, OSError):
        if not stopping.is_set():
            raise  # else the signal has stopped Spark's JVM as well


def stop_signals(spark):
    """An event that Ctrl-C and SIGTERM set. Ctrl-C reaches Spark's JVM too, which has to outlive the query."""
    stopping = threading.Event()

    def stop(*_):
        stopping.set()
        logging.disable()  # py4j's words about a JVM that has gone already

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    java = spark._jvm.sun.misc
    java.Signal.handle(java.Signal("INT"), java.SignalHandler.SIG_IGN)
    return stopping


def stop(query, seconds=15):
    """Stops the query between two micro-batches, or after so many seconds in the middle of one."""
    deadline = time.monotonic() + seconds
    while query.isActive and query.status["isTriggerActive"] and time.monotonic() < deadline:
        time.sleep(0.1)
    query.stop()
