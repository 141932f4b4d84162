"""Who webhooks go to in the tests: a server on loopback that keeps what came."""

import http.server
import json
import threading


class Receiver:
    """Answers with `status`, and keeps headers and body of each request."""

    def __init__(self, port: int = 0):
        self.status = 200
        self.hooks: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.hooks.append((headers, body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    @property
    def events(self) -> list[dict]:
        return [json.loads(body) for _, body in self.hooks]

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
