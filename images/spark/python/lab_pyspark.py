"""Loaded at the start of every Python of the image (lab_pyspark.pth), so it imports nothing of size.

Lets `@udf('boolean')` stand at the top of a module. PySpark 3.5 asks the JVM for the type that the text
names as soon as the function is wrapped, and fails without a session. Here the text stays a text until there
is one: PySpark takes it wherever it takes a type.
"""

import sys

MODULE = "pyspark.sql.udf"


class Finder:
    """Finds MODULE as everything else is found, and mends it once it is loaded."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name != MODULE:
            return None
        sys.meta_path.remove(Finder)
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                spec.loader.exec_module = then_mend(spec.loader.exec_module)
                return spec
        return None


def then_mend(load):
    def exec_module(module):
        load(module)
        mend(module)

    return exec_module


def mend(module):
    from pyspark import SparkContext  # noqa: PLC0415 (Pythons without Spark don't pay for it)

    function = module.UserDefinedFunction
    parsed = function.returnType.fget

    def return_type(self):
        if isinstance(self._returnType, str) and SparkContext._active_spark_context is None:
            return self._returnType
        return parsed(self)

    function.returnType = property(return_type, doc=function.returnType.__doc__)


sys.meta_path.insert(0, Finder)
# Spark puts its core jar on the path of each Python, which costs a search of 5,000 names and holds no Python.
sys.path[:] = [entry for entry in sys.path if not entry.endswith(".jar")]
