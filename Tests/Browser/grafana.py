"""A stand-in for Grafana, which Debian 12 doesn't have: it checks tokens as Grafana's [auth.jwt] with
`url_login` does, and shows an empty page.

After pkg/services/auth/jwt and pkg/services/authn/clients/jwt.go of Grafana: the token comes in the
header that `header_name` names or in `auth_token`; its key is found by `kid` in the key set, which is
kept for `cache_ttl`; `exp`, `nbf` and `iat` may be off by a minute; every claim of `expect_claims` must
be there; `sub` must not be empty; the role is what `role_attribute_path` finds, strictly.
"""

import http.server
import json
import threading
import time
import urllib.parse
import urllib.request

import jwt

PAGE = b"""<!doctype html><html lang="en"><title>Dashboard</title>
<style>body { font: 1rem sans-serif; color: #555; background: #fff; margin: 2rem }</style>
<main><h1>A dashboard</h1><p>The stand-in for Grafana.</p></main></html>"""


class Refused(Exception):
    pass


class Grafana:
    """Listens on loopback. `visits` has who came: path, query, headers, and the claims or why not."""

    def __init__(self, babyhelm_url: str, cache_ttl: float = 300):
        self.babyhelm_url, self.cache_ttl = babyhelm_url, cache_ttl
        self.expected = {"iss": babyhelm_url, "aud": "grafana"}
        self.visits: list[dict] = []
        self.keys: tuple[float, dict[str, dict]] = (0, {})
        stand_in = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                stand_in.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def __enter__(self) -> "Grafana":
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    # What Grafana does

    def key_set(self) -> dict[str, dict]:
        fetched, keys = self.keys
        if time.monotonic() - fetched > self.cache_ttl or not keys:
            with urllib.request.urlopen(
                    self.babyhelm_url + "/.well-known/jwks.json", timeout=10) as answer:
                keys = {key["kid"]: key for key in json.load(answer)["keys"]}
            self.keys = (time.monotonic(), keys)
        return keys

    def verify(self, token: str) -> dict:
        """The claims, or why the token counts for nothing."""
        try:
            key = self.key_set().get(jwt.get_unverified_header(token).get("kid"))
            if key is None:
                raise Refused("no keys found")
            claims = jwt.decode(
                token, jwt.PyJWK(key).key, algorithms=[key["alg"]], issuer=self.expected["iss"],
                audience=self.expected["aud"], leeway=60,
                options={"require": ["exp", "nbf", "iat", "sub"]})
        except (jwt.InvalidTokenError, OSError) as error:
            raise Refused(str(error)) from error
        if not claims["sub"]:
            raise Refused("missing mandatory 'sub' claim in JWT")
        if not claims.get("login") and not claims.get("email"):
            raise Refused("missing login and email claim in JWT")
        if claims.get("role") not in ("Viewer", "Editor", "Admin"):
            raise Refused("Invalid Role in claim")
        return claims

    def answer(self, request: http.server.BaseHTTPRequestHandler) -> None:
        parts = urllib.parse.urlsplit(request.path)
        query = urllib.parse.parse_qs(parts.query, keep_blank_values=True)
        if parts.path == "/api/health":
            return self.send(request, 200, b'{"database": "ok", "version": "12.1.0"}',
                             "application/json")
        token = request.headers.get("X-JWT-Assertion") or query.get("auth_token", [""])[0]
        visit = {"path": parts.path, "query": query, "headers": dict(request.headers)}
        if parts.path != "/favicon.ico":
            self.visits.append(visit)
        try:
            visit["claims"] = self.verify(token)
            self.send(request, 200, PAGE)
        except Refused as reason:
            visit["refused"] = str(reason)
            self.send(request, 401, b"Unauthorized")

    def send(self, request, status: int, body: bytes, kind: str = "text/html") -> None:
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)
