"""The web pages of the lab behind JupyterLab's port and token: one tile of the launcher each.

jupyter-server-proxy brings the proxy, but its tiles lead to this container alone. A Page is one of its servers on
another host, under a prefix: /presto/ is http://presto:8080/. Nothing but the pages of PAGES is proxied.
"""

import json
import os
import re
from asyncio import gather
from html import escape

from jupyter_server_proxy.config import ServerProcess
from jupyter_server_proxy.handlers import NamedLocalProxyHandler, ProxyHandler
from tornado import httpclient, web
from traitlets import Bool, Unicode

READS = {"GET", "HEAD", "OPTIONS"}
# What proves to JupyterLab who asks is nobody else's: the game API would put it on the topic, header by header.
SECRETS = ["Authorization", "Cookie", "X-XSRFToken"]
FORWARDED = ["X-Forwarded-Context", "X-ProxyContextPath", "X-Forwarded-Prefix"]
SPARK_PORTS = range(4040, 4057)  # spark.ui.port and its 16 tries

MESSAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem }}
pre {{ padding: .7rem; overflow-x: auto; border: 1px solid }}
:root {{ color-scheme: light dark }}
</style>
</head>
<body><main><h1>{title}</h1>
{text}
</main></body>
</html>
"""


class PageHandler(NamedLocalProxyHandler):
    """Passes requests on to a page's host."""

    def initialize(self, page):
        self.page = page
        self.host_allowlist = [page.host]

    async def prepare(self):
        await super().prepare()
        # Another page in the same browser sends the cookie along, but can't hide where it comes from.
        if self.request.method not in READS and not self.check_origin():
            raise web.HTTPError(403)

    async def proxy(self, port, path):
        try:
            await ProxyHandler.proxy(self, self.page.host, port, path or "/")
        except (OSError, web.HTTPError) as problem:
            if isinstance(problem, web.HTTPError) and problem.status_code not in (500, 599):
                raise  # those two are how the proxy says that nobody answered
            self.say(503, f"{self.page.title} does not answer", self.page.absent)

    async def open(self, path):
        await self.proxy_open(self.page.host, self.port, path)

    def say(self, status, title, text):
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.finish(MESSAGE.format(title=escape(title), text=text))

    def proxy_request_headers(self):
        headers = super().proxy_request_headers()
        for name in [*SECRETS, "Accept-Encoding"]:  # what is rewritten has to come as it is
            headers.pop(name, None)
        headers["Host"] = f"{self.page.host}:{self.port}"
        if self.page.takes_token:
            headers["Authorization"] = f"token {self.identity_provider.token}"
        return headers

    def proxy_request_options(self):
        return {**super().proxy_request_options(), "connect_timeout": 5.0}

    def get_client_uri(self, *where):
        uri = super().get_client_uri(*where)
        return re.sub(r"([?&])token=[^&]*&?", r"\1", uri).rstrip("?&")

    def _build_proxy_request(self, *what, **options):
        request = super()._build_proxy_request(*what, **options)
        if not self.page.tell_prefix:
            for name in FORWARDED:
                request.headers.pop(name, None)
        return request

    def _rewrite_location_header(self, location, *_where):
        return location  # the page has done it


class SparkHandler(PageHandler):
    """The web pages of the Spark drivers in this container, each on the first port that it found free."""

    async def http_get(self, path):
        port, rest = _driver(path)
        if port:
            return await self.proxy(port, rest)
        drivers = [driver for driver in await gather(*map(_ask_driver, SPARK_PORTS)) if driver]
        if len(drivers) == 1:
            return self.redirect(f"{self.base_url}spark/{drivers[0][0]}/")
        if not drivers:
            return self.say(503, "No Spark UI runs now", self.page.absent)
        links = [f'<li><a href="{port}/">{escape(name)} (port {port})</a></li>' for port, name in drivers]
        return self.say(200, "Spark drivers", f"<ul>{''.join(links)}</ul>")

    def post(self, path):
        port, rest = _driver(path)
        if not port:
            raise web.HTTPError(404)
        return self.proxy(port, rest)

    async def proxy(self, port, path):
        self.port = port
        self.proxy_base = f"spark/{port}"
        await super().proxy(port, path)


def _driver(path):
    """The port that a path below /spark begins with, if it may be a driver's, and the rest."""
    port, _, rest = path.lstrip("/").partition("/")
    return (int(port), f"/{rest}") if port.isdecimal() and int(port) in SPARK_PORTS else (None, path)


async def _ask_driver(port):
    # A port that nobody listens on refuses at once; a driver at work may take its time.
    url = f"http://localhost:{port}/api/v1/applications"
    try:
        answer = await httpclient.AsyncHTTPClient().fetch(url, request_timeout=15.0)
        return port, json.loads(answer.body)[0]["name"]
    except (OSError, httpclient.HTTPError, LookupError, TypeError, ValueError):
        return None


class BesideHandler(PageHandler):
    """Leads to a page that asks for the token itself, on a port of its own beside JupyterLab's."""

    async def http_get(self, _path):
        host = self.request.host_name
        self.redirect(f"{self.request.protocol}://{f'[{host}]' if ':' in host else host}:{self.page.port}/")


class RefusingHandler(PageHandler):
    """Takes the place of jupyter-server-proxy's own way to any port of this container."""

    async def prepare(self):
        await super().prepare()
        raise web.HTTPError(404)


class Page(ServerProcess):
    """A web page of the lab."""

    host = Unicode(help="The service that has it.")
    absent = Unicode(help="What to do when it does not answer, as HTML.")
    takes_token = Bool(False, help="Whether it asks for the lab's token too.")
    tell_prefix = Bool(False, help="Whether it takes its prefix from X-Forwarded-Context.")
    handler = PageHandler

    def __init__(self, title, rewrites=(), **settings):
        icon = f"/opt/spark/jupyter/icons/{settings['name']}.svg"
        # JupyterLab shows icons in its own two groups alone, of which `Notebook` is the tiles' default.
        tile = {"title": title, "icon_path": icon, "enabled": bool(title)}
        super().__init__(launcher_entry=tile, **settings)
        self.title = title
        self.rewrite_response = _rewriting(self, rewrites)

    def get_proxy_base_class(self):
        return self.handler, {"page": self}

    def prefix(self, _port):
        return f"/{self.name}"


def _rewriting(page, rewrites):
    """Leads a page's redirects through the proxy, and replaces patterns by texts in its HTML, scripts and JSON."""

    def rewrite(response, port):
        location = response.headers.get("Location")
        if location:
            response.headers["Location"] = _through_proxy(location, page.prefix(port))
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind.endswith(("html", "javascript", "json")):
            for pattern, text in rewrites:
                response.body = re.sub(pattern, text, response.body)

    return rewrite


def _through_proxy(location, prefix):
    for page in PAGES:
        origin = f"http://{page.host}:{page.port}/"
        if location.startswith(origin):
            location, prefix = f"/{location.removeprefix(origin)}", page.prefix(page.port)
    return location if not location.startswith("/") or location.startswith(f"{prefix}/") else prefix + location


class SparkPage(Page):
    handler = SparkHandler

    def prefix(self, port):
        return f"/{self.name}/{port}"


class BesidePage(Page):
    handler = BesideHandler
    host = "nobody.invalid"


class NoPage(BesidePage):
    handler = RefusingHandler


def _below(prefix, *paths):
    """Puts a page's absolute paths below its prefix, where its scripts and tags have them in quotes."""
    return rb"([\"'`])/(?=(?:%b)\b)" % "|".join(paths).encode(), rb"\1/%b/" % prefix.encode()


def _start(command, then):
    return f"<p>Type in the lab's folder, then {then}:</p><pre>{escape(command)}</pre>"


STOPPED = (
    "<p>See with <code>docker-compose ps</code> whether its service is up; <code>npx cdktf deploy</code> mends it.</p>"
)
HADOOP_PATHS = ["static", "jmx", "conf", "webhdfs", "startupProgress", "logs"]
DATANODE = rb"http://cloudera:9864(?=/)"
SUPERSET = os.environ.get("SUPERSET_PORT")  # where the lab has it
FLASK = "docker-compose exec mids env FLASK_APP=/w205/full-stack/game_api.py flask run --host 0.0.0.0"
SPARK_UI = "docker-compose exec spark spark-submit --conf spark.ui.enabled=true /w205/full-stack2/filtered_writes.py"

PAGES = [
    Page("The lab", name="home", host="home", port=8000, takes_token=True, absent=STOPPED),
    Page(
        "Presto",
        name="presto",
        host="presto",
        port=8080,
        # Its fonts would come from outside the lab.
        rewrites=[_below("presto", "v1", "ui"), (rb"<link href=\"https://fonts[^>]*>", b"")],
        absent=STOPPED,
    ),
    Page(
        "HDFS (NameNode)",
        name="namenode",
        host="cloudera",
        port=50070,
        rewrites=[
            (rb"<li><a href=\"[^\"]*logs\">Logs</a></li>", b""),  # it has none in files: docker-compose logs shows them
            _below("namenode", *HADOOP_PATHS),
            (DATANODE, b"/datanode"),
            (rb"\"http://\" \+ dnHost \+ \":\" \+ port", b'"/datanode/"'),
        ],
        absent=STOPPED,
    ),
    # What the NameNode's page takes from the DataNode: a file's content.
    Page("", name="datanode", host="cloudera", port=9864, rewrites=[_below("datanode", *HADOOP_PATHS)], absent=STOPPED),
    SparkPage(
        "Spark UI",
        name="spark",
        host="localhost",
        port=SPARK_PORTS[0],
        tell_prefix=True,
        absent="<p>It comes with a driver and goes with it. A notebook with the kernel PySpark has one from the first "
        "cell that uses <code>spark</code> until its kernel is shut down. A job has one when it is told so:</p>"
        f"<pre>{escape(SPARK_UI)}</pre>",
    ),
    Page("Game API", name="game-api", host="mids", port=5000, absent=_start(FLASK, "load this page again")),
    *([BesidePage("Superset", name="superset", port=int(SUPERSET))] if SUPERSET else []),
    NoPage("", name="proxy", port=1),
]
