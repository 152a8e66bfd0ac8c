"""Saves the lab's work, as an archive on standard output.

save.py FACTS        (in mids; FACTS is JSON for the manifest: the lab, its versions, the time)

Ends when standard input does: whoever wants the archive holds it open.
"""

import json
import os
import signal
import sys
import threading
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "hooks")]

import hdfs_part  # noqa: E402
import kafka_part  # noqa: E402
import metastore_part  # noqa: E402
import w205_part  # noqa: E402
from alone import wait_for_others  # noqa: E402
from archive import Writer  # noqa: E402
from problems import in_words  # noqa: E402


def end_with_stdin():
    """Ends the process, with all that it has to clean up, when nobody holds standard input open any more."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("the save was ended"))

    def watch():
        while os.read(0, 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def main():
    facts = json.loads(sys.argv[1])
    end_with_stdin()
    lock = wait_for_others()
    writer = Writer(sys.stdout.buffer)
    left_out = []
    with in_words():
        # HDFS first, then Kafka: a stream's checkpoint never speaks of events that are not saved.
        hdfs_part.save(writer)
        kafka_part.save(writer)
        metastore_part.save(writer)
        w205_part.save(writer, left_out)
        writer.finish({**facts, "leftOut": left_out})
        sys.stdout.buffer.flush()
    lock.close()


if __name__ == "__main__":
    main()
