"""Does once what the lab's jobs do, as far as that goes without the other services."""

from contextlib import suppress
from pathlib import Path

from py4j.protocol import Py4JJavaError
from pyspark.sql import Observation, Row, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.functions import udf

SCHEMA = "Host string, event_type string"


@udf("boolean")
def is_purchase(event):
    return "purchase" in event


def attempt(action):
    """For what must fail here, at an address where nobody listens."""
    try:
        action()
    except Exception as error:
        print(f"as expected: {str(error)[:100]}")


def batch(spark, folder):
    fields = F.struct(F.lit("user1.comcast.com").alias("Host"), F.lit("purchase_sword").alias("event_type"))
    events = spark.range(100).select(F.to_json(fields).alias("raw"))
    seen = Observation()
    as_map = F.from_json("raw", "map<string,string>")
    table = events.where(is_purchase("raw"))
    table = table.select("raw", F.from_json("raw", SCHEMA).alias("e"), F.map_keys(as_map).alias("fields"))
    table = table.observe(seen, F.count(F.lit(1)).alias("n"), F.collect_set("e.Host").alias("hosts"))
    table = table.select("raw", "e.*")
    table.printSchema()
    table.write.mode("overwrite").parquet(folder)
    print(seen.get)
    table.rdd.map(lambda row: Row(**row.asDict())).toDF().show()
    read = spark.read.parquet(folder)
    read.createOrReplaceTempView("purchases")
    spark.sql("select Host, count(*) n from purchases group by Host order by n desc").show()
    read.toPandas()


def stream(spark, folder):
    query = (
        spark.readStream.format("rate")
        .load()
        .select("value")
        .writeStream.format("parquet")
        .option("path", f"{folder}/rate")
        .option("checkpointLocation", f"{folder}/checkpoint")
        .start()
    )
    query.awaitTermination(5)
    query.stop()


def kafka(spark):
    nobody = "localhost:1"
    source = spark.read.format("kafka").option("kafka.bootstrap.servers", nobody).option("subscribe", "events")
    for setting in "kafka.default.api.timeout.ms", "kafka.request.timeout.ms":
        source = source.option(setting, "1000")
    attempt(lambda: source.load().count())
    settings = spark._jvm.java.util.HashMap()
    settings["bootstrap.servers"] = nobody
    for kind in "key", "value":
        settings[f"{kind}.deserializer"] = "org.apache.kafka.common.serialization.ByteArrayDeserializer"
    spark._jvm.org.apache.kafka.clients.consumer.KafkaConsumer(settings).close()


def load_classes(spark):
    """Loads what only jobs that reach Kafka, HDFS and the metastore come to: see record-classes."""
    java = spark._jvm.java.lang
    loader = java.Thread.currentThread().getContextClassLoader()
    for name in (Path(__file__).parent / "classes.txt").read_text().split():
        # Another version may not have it.
        with suppress(Py4JJavaError):
            java.Class.forName(name, False, loader)


def main():
    spark = (
        SparkSession.builder.config("spark.hadoop.ipc.client.connect.max.retries", "0")
        .config("spark.hadoop.hive.metastore.connect.retries", "1")
        .getOrCreate()
    )
    folder = "file:///tmp/train"
    batch(spark, folder)
    stream(spark, folder)
    kafka(spark)
    attempt(lambda: spark.read.parquet("/tmp/purchases"))
    attempt(lambda: spark.sql("show tables"))
    load_classes(spark)
    spark.stop()


main()
