"""Tests of images/spark/python/lab_pyspark.py, each in a Python of its own, as the image starts it."""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "images/spark/python"


def run(code, *more_path):
    """What the code prints in a new Python that begins with lab_pyspark."""
    path = os.pathsep.join([str(FOLDER), *more_path])
    done = subprocess.run(
        [sys.executable, "-c", f"import lab_pyspark\n{code}"],
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_udf_at_the_top_of_a_module_needs_no_session():
    code = """
from pyspark.sql.functions import udf

@udf("boolean")
def is_purchase(event):
    return "purchase" in event

@udf("array<struct<name: string, price: decimal(4,2)>>")
def swords(event):
    return []

print(is_purchase.returnType, is_purchase.func("purchase_sword"), swords.returnType)
"""
    assert run(code) == "boolean True array<struct<name: string, price: decimal(4,2)>>"


def test_types_that_are_no_text_stay_as_they_are():
    code = """
from pyspark.sql.functions import udf
from pyspark.sql.types import BooleanType
print(udf(lambda event: True, BooleanType()).returnType)
"""
    assert run(code) == "BooleanType()"


def test_with_a_session_the_text_is_parsed_as_ever():
    code = """
from pyspark import SparkContext
import pyspark.sql.udf as module
module._parse_datatype_string = lambda text: print("parsed", text) or module.StringType()
function = module.UserDefinedFunction(len, "boolean")
print(function.returnType)
SparkContext._active_spark_context = object()
print(function.returnType)
"""
    assert run(code).splitlines() == ["boolean", "parsed boolean", "StringType()"]


def test_the_server_of_accumulators_looks_often_whether_it_is_to_end():
    code = """
import socketserver
import threading
socketserver.BaseServer.serve_forever = lambda server, poll_interval=0.5: print(poll_interval)
import pyspark.accumulators
pyspark.accumulators._start_update_server("token")
[thread.join() for thread in threading.enumerate() if thread.daemon]
"""
    assert run(code) == "0.02"


def test_a_python_without_spark_loads_nothing():
    assert run("import sys; print('pyspark' in sys.modules)") == "False"


def test_no_jar_stays_on_the_path():
    code = "import sys; print([entry for entry in sys.path if entry.endswith('.jar')])"
    assert run(code, "/opt/spark/jars/spark-core_2.12-3.5.7.jar") == "[]"
