"""The notebooks are stored as they are written: without what a run leaves in them."""

import json
from pathlib import Path

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))
METADATA = {
    "kernelspec": {"display_name": "PySpark", "language": "python", "name": "pyspark"},
    "language_info": {"name": "python"},
}


def test_there_are_five():
    assert [path.name[0] for path in NOTEBOOKS] == list("12345")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_has_no_output_and_no_trace_of_a_run(path):
    text = path.read_text()
    notebook = json.loads(text)
    assert text == json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    assert (notebook["nbformat"], notebook["nbformat_minor"], notebook["metadata"]) == (4, 5, METADATA)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in notebook["cells"]:
        rest = {"execution_count": None, "outputs": []} if cell["cell_type"] == "code" else {}
        assert cell == {**{key: cell[key] for key in ("cell_type", "id", "source")}, "metadata": {}, **rest}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_it_begins_with_what_it_is_about(path):
    first = json.loads(path.read_text())["cells"][0]
    assert first["cell_type"] == "markdown"
    assert first["source"][0].startswith(f"# {path.name[0]}. ")
