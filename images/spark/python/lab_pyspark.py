"""Loaded at the start of every Python of the image (lab_pyspark.pth), so it imports nothing of size.

Mends two modules of PySpark 3.5 when they are loaded:

`@udf('boolean')` may stand at the top of a module. PySpark asks the JVM for the type that the text names as soon as the
function is wrapped, and fails without a session. Here the text stays a text until there is one: PySpark takes it
wherever it takes a type.

`spark.stop()` does not wait. Its server of accumulators looks twice a second whether it is to end, and each job's end
waited for that.
"""

import sys


class Finder:
    """Finds the modules of MENDS as everything else is found, and mends them once they are loaded."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        mend = MENDS.get(name)
        if mend is None:
            return None
        for finder in sys.meta_path:
            spec = None if finder is Finder else finder.find_spec(name, path, target)
            if spec is not None:
                spec.loader.exec_module = then_mend(spec.loader.exec_module, mend)
                return spec
        return None


def then_mend(load, mend):
    def exec_module(module):
        load(module)
        mend(module)

    return exec_module


def mend_udf(module):
    from pyspark import SparkContext  # noqa: PLC0415 (Pythons without Spark don't pay for it)

    function = module.UserDefinedFunction
    parsed = function.returnType.fget

    def return_type(self):
        if isinstance(self._returnType, str) and SparkContext._active_spark_context is None:
            return self._returnType
        return parsed(self)

    function.returnType = property(return_type, doc=function.returnType.__doc__)


def mend_accumulators(module):
    class AccumulatorServer(module.AccumulatorServer):
        def serve_forever(self, poll_interval=0.02):  # seconds
            super().serve_forever(poll_interval)

    module.AccumulatorServer = AccumulatorServer


MENDS = {"pyspark.sql.udf": mend_udf, "pyspark.accumulators": mend_accumulators}
sys.meta_path.insert(0, Finder)
# Spark puts its core jar on the path of each Python, which costs a search of 5,000 names and holds no Python.
sys.path[:] = [entry for entry in sys.path if not entry.endswith(".jar")]
