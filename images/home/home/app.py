"""The service's routes."""

import asyncio
import time
from pathlib import Path
from urllib.parse import quote

import aiohttp
from aiohttp import web

from home import exercise
from home.gate import Gate, seal
from home.reading import SECONDS, Down
from home.records import read_canary
from home.sources import client, hiveserver, zookeeper
from home.sources.hdfs import Hdfs
from home.sources.kafka import Kafka
from home.sources.metastore import Metastore
from home.sources.web import Jupyter, Presto, Superset
from home.watch import Service, Watch

PAGE = Path(__file__).resolve().parent.parent / "page"
FILES = {"": "text/html", "style.css": "text/css", "app.js": "text/javascript", "icon.svg": "image/svg+xml"}
WATCH = web.AppKey("watch", Watch)


def make_app(settings, page=PAGE):
    app = web.Application(middlewares=[Gate(settings.lab, settings.token).middleware], client_max_size=4096)
    app.on_response_prepare.append(seal)
    app.cleanup_ctx.append(lambda app: watching(app, settings))
    state = State(settings, app)
    app.router.add_get("/api/state", state.answer)
    app.router.add_get("/api/alive", alive)
    app.router.add_get("/open/{page}", Links(settings).open)
    for name, kind in FILES.items():
        app.router.add_get(f"/{name}", page_file(page / (name or "index.html"), kind))
    return app


async def watching(app, settings):
    """Watches the services as long as the application runs."""
    session = aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=SECONDS), connector=aiohttp.TCPConnector(limit_per_host=4)
    )
    app[WATCH] = Watch(services(settings, session))
    task = asyncio.create_task(app[WATCH].run())
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await session.close()


def services(settings, session):
    where = settings.address
    token = {"Authorization": f"token {settings.token}"}
    hdfs = Hdfs(where("namenode"), session)
    kafka = Kafka(where("kafka"), where("zookeeper"))

    async def look_at_hdfs():
        reading = await hdfs.look()
        last = reading.figures["lastPurchase"]
        try:
            reading.figures["batchRead"] = await kafka.read_until(last) if last else None
        except Down:
            reading.figures["batchRead"] = None  # Kafka's own line says why
        return reading

    def service(name, title, look, address=None):
        return Service(name, title, where(address or name).host, look)

    always = [
        service("zookeeper", "ZooKeeper", lambda: zookeeper.look(where("zookeeper"))),
        service("kafka", "Kafka", kafka.look),
        service("hdfs", "HDFS", look_at_hdfs, "namenode"),
        service("metastore", "Hive metastore", Metastore(where("metastore")).look),
        service("hiveserver", "HiveServer2", lambda: hiveserver.look(where("hiveserver"))),
        service("spark", "Spark and JupyterLab", Jupyter(where("jupyter"), session, token).look, "jupyter"),
        service("presto", "Presto", Presto(where("presto"), session).look),
        service("mids", "Client", lambda: client.look(where("game_api")), "game_api"),
    ]
    if "superset" not in settings.addresses:
        return always
    return [*always, service("superset", "Superset", Superset(where("superset"), session).look)]


class State:
    def __init__(self, settings, app):
        self.settings = settings
        self.app = app

    async def answer(self, _request):
        """All that the page shows. Whoever asks is somebody who looks."""
        watch = self.app[WATCH]
        watch.somebody_looks()
        return web.json_response(
            {
                "lab": self.settings.lab,
                "versions": self.settings.versions,
                "now": time.time(),
                "services": [service.report() for service in watch.services.values()],
                "canary": read_canary(self.settings.records),
                "exercise": exercise.steps(self.settings.exercise, watch.services),
                "pages": [{"name": page.name} for page in self.settings.pages],
            }
        )


async def alive(request):
    """For the health check: whether the services are looked at. Is nobody who looks."""
    well = request.app[WATCH].alive()
    return web.json_response({"watching": well}, status=200 if well else 503)


class Links:
    """Leads to the lab's other pages. What is behind JupyterLab's port gets the token once, in its login."""

    def __init__(self, settings):
        self.pages = {page.name: page for page in settings.pages}
        self.token = settings.token

    async def open(self, request):
        page = self.pages.get(request.match_info["page"])
        if page is None:
            raise web.HTTPNotFound(text="There is no such page.")
        # Through JupyterLab's own proxy this service is `home`, and the browser has shown JupyterLab the token.
        if request.url.host == "home":
            prefix = "../.." if page.through_jupyter else f"http://127.0.0.1:{page.port}"
            raise web.HTTPSeeOther(f"{prefix}{page.path}")
        host = request.url.host
        base = f"http://{f'[{host}]' if ':' in host else host}:{page.port}"
        if page.through_jupyter:
            raise web.HTTPSeeOther(f"{base}/login?next={page.path}&token={quote(self.token, safe='')}")
        raise web.HTTPSeeOther(f"{base}{page.path}")


def page_file(path, kind):
    async def answer(_request):
        return web.Response(body=path.read_bytes(), content_type=kind, charset="utf-8")

    return answer
