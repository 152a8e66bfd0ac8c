"""A real Spark session for all tests, small and without web pages; and messages as Kafka gives them."""

import datetime

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.types import BinaryType, StructField, StructType, TimestampType

WHEN = datetime.datetime(2024, 5, 17, 10, 30, 0, 250_000)
MESSAGE = StructType([StructField("value", BinaryType()), StructField("timestamp", TimestampType())])


@pytest.fixture(scope="session")
def spark():
    session = (
        SparkSession.builder.master("local[2]")
        .appName("jobs-test")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.memory", "512m")
        .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Duser.timezone=UTC")
        .getOrCreate()
    )
    session.sparkContext.setLogLevel("ERROR")
    yield session
    session.stop()


@pytest.fixture(scope="session")
def messages(spark):
    """Makes a frame of messages from their values: bytes, text or None."""

    def make(*values):
        raw = [value.encode() if isinstance(value, str) else value for value in values]
        return spark.createDataFrame([(value and bytearray(value), WHEN) for value in raw], MESSAGE)

    return make
