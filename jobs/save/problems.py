"""What can go wrong with a save or a restore, each in one line."""

import contextlib
import tarfile
import zlib

from confluent_kafka import KafkaException

from archive import BadArchive
from lab import fail
from metastore import MetastoreError
from student_folder import InTheWay


@contextlib.contextmanager
def in_words():
    """Ends the process with one line that says what is wrong."""
    try:
        yield
    except KafkaException as problem:
        fail(f"Kafka: {problem.args[0].str()}")
    except MetastoreError as problem:
        fail(f"Hive metastore: {problem}")
    except (EOFError, tarfile.TarError, zlib.error, BadArchive) as problem:
        fail(f"the archive has ended too early, or a file has become shorter while it was saved: try again ({problem})")
    except (InTheWay, OSError) as problem:
        fail(str(problem))
