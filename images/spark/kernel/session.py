"""Gives each PySpark notebook `spark` and `sc`, as the pyspark shell does, but starts Spark at their first
use: a notebook that is only read then takes no driver's memory. Its web pages are the launcher's tile Spark UI.
"""


class _Later:
    """Stands for a name of the notebook until something is asked of it, then puts the real thing there."""

    def __init__(self, name, make):
        self.__dict__.update(_name=name, _make=make)

    def _real(self):
        globals()[self._name] = real = self._make()
        return real

    def __getattr__(self, attribute):
        if attribute.startswith(("_ipython_", "_repr_mimebundle_")):  # asked of everything that is shown
            raise AttributeError(attribute)
        return getattr(self._real(), attribute)

    def __repr__(self):
        return repr(self._real())

    def _repr_html_(self):
        return self._real()._repr_html_()


def _spark():
    import os  # noqa: PLC0415 (nothing but `spark` and `sc` comes into the notebook's names)
    from pathlib import Path  # noqa: PLC0415

    from pyspark.sql import SparkSession  # noqa: PLC0415 (at the first use)

    name = Path(os.environ.get("JPY_SESSION_NAME", "notebook")).stem
    return SparkSession.builder.appName(name).config("spark.ui.enabled", "true").getOrCreate()


spark = _Later("spark", _spark)
sc = _Later("sc", lambda: spark.sparkContext)
