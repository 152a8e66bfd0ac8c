"""Types by their names, where no Spark session is there yet.

Spark asks its JVM what "boolean" means, so `@udf("boolean")` at the top of a module fails before the job has made its
session. Students write just that. The names of simple types need no JVM.
"""

from pyspark import SparkContext

ALIASES = {"int": "integer", "bigint": "long", "smallint": "short", "tinyint": "byte", "real": "float"}


def without_session(parse):
    """Wraps PySpark's own parser: a simple type's name is read here while there is no session."""

    def parse_datatype_string(text):
        from pyspark.sql import types

        name = text.strip().lower()
        if SparkContext._active_spark_context is None and name.isalnum():
            name = ALIASES.get(name, name)
            known = {kind.typeName(): kind for kind in types._atomic_types}
            if name in known:
                return known[name]()
        return parse(text)

    return parse_datatype_string
