"""Who may see the page: who shows the lab's token, as a cookie, in a header, or once in the link."""

import hashlib
import hmac
import html
import ipaddress

from aiohttp import web

# Pages of other services are links, never frames or parts of this one.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
LOGIN = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The lab {lab}: token</title>
</head>
<body>
<main>
<h1>The lab {lab}</h1>
<p>{message}</p>
<form method="post" action="./login">
<p><label>The lab's token <input name="token" type="password" autocomplete="current-password" required></label>
<button>Open the lab</button></p>
</form>
<p>It is in the file <code>jupyter-token</code> of the lab's folder.</p>
</main>
</body>
</html>
"""


class Gate:
    def __init__(self, lab, token):
        self.lab = lab
        self._token = token.encode()
        # Cookies know no ports: other pages of this host get it too, so it is of use for this page alone.
        self.cookie = f"lab-{lab}-home"
        self._pass = hmac.new(self._token, b"front page", hashlib.sha256).hexdigest()

    def is_token(self, text):
        return hmac.compare_digest(text.encode(errors="replace"), self._token)

    def admits(self, request):
        scheme, _, word = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() in ("token", "bearer") and self.is_token(word.strip()):
            return True
        shown = request.cookies.get(self.cookie, "")
        return hmac.compare_digest(shown.encode(errors="replace"), self._pass.encode())

    def open(self):
        """Sends the browser to the page without the token in its address, with a cookie in its place."""
        answer = web.Response(status=303, headers={"Location": "./"})
        answer.set_cookie(self.cookie, self._pass, httponly=True, samesite="Strict", path="/")
        return answer

    def refuse(self, request, message):
        if "text/html" in request.headers.get("Accept", ""):
            text = LOGIN.format(lab=html.escape(self.lab), message=html.escape(message))
            return web.Response(status=401, text=text, content_type="text/html")
        return web.json_response({"error": message}, status=401)

    @web.middleware
    async def middleware(self, request, handler):
        if not known_host(request.host):
            return web.json_response({"error": "this host name is not the lab's"}, status=421)
        token = request.query.get("token")
        login = request.path == "/login" and request.method == "POST"
        if login:
            token = str((await request.post()).get("token", ""))
        if token is not None:
            if not self.is_token(token):
                return self.refuse(request, "That is not the lab's token.")
            if login or request.path == "/":
                return self.open()
        elif not self.admits(request):
            return self.refuse(request, "This page asks for the lab's token.")
        return await handler(request)


async def seal(_request, response):
    response.headers.update(HEADERS)
    response.headers.pop("Server", None)


def known_host(host):
    """An address, this machine, or the service's name in the lab: whatever else a browser was led to is not the lab."""
    name = host.rpartition(":")[0] if host.count(":") == 1 else host
    if "]" in host:
        name = host[1 : host.index("]")]
    if name in ("localhost", "home"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
