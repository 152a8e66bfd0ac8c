"""JupyterLab of the lab: the student's folder, one port, a token, nothing that calls home."""

# ruff: noqa: F821  (c is given by Jupyter)

import os
import sys

sys.path.insert(0, "/opt/spark/jupyter")
from lab_pages import PAGES  # noqa: E402

c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port = 8888
c.ServerApp.port_retries = 0
c.ServerApp.root_dir = "/w205"
c.ServerApp.open_browser = False
c.ServerApp.answer_yes = True  # Ctrl-C at an attached terminal stops it without a question
c.Application.log_level = "WARN"
c.IdentityProvider.token = os.environ.pop("JUPYTER_TOKEN")

c.MultiKernelManager.default_kernel_name = "pyspark"
# They cost memory, and no one in the lab has a language server or publishes notebooks elsewhere.
c.ServerApp.jpserver_extensions = {
    "jupyterlab": True,
    "jupyter_lsp": False,
    "jupysql_plugin": False,
    "notebook_shim": False,
}

c.ServerProxy.servers = {page.name: page for page in PAGES}
c.ServerProxy.host_allowlist = []  # no other host by its name, either

c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
