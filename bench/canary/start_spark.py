"""A Spark session that makes and does nothing: what the canary's hop through Spark costs before its first row."""

from pyspark.sql import SparkSession

SparkSession.builder.appName("start").getOrCreate().stop()
