"""JupyterLab for one student: their folder, one token (start-spark hands it over), no call to the outside."""

import os

c = get_config()  # noqa: F821 - Jupyter defines it

c.ServerApp.ip = "0.0.0.0"
c.ServerApp.port = 8888
c.ServerApp.open_browser = False
c.ServerApp.root_dir = "/w205"
c.ServerApp.port_retries = 0
c.IdentityProvider.token = os.environ["JUPYTER_TOKEN"]
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"
