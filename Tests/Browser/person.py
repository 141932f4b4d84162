"""A person with a browser, as far as forms go: cookies, links, filling in, submitting."""

import http.client
import urllib.parse
from html.parser import HTMLParser


class Form:
    def __init__(self, action: str, method: str):
        self.action, self.method = action, method
        self.fields: list[tuple[str, str]] = []


class Forms(HTMLParser):
    """Every form of a page with what it would send; the addresses of its styles and scripts."""

    def __init__(self, page: str):
        super().__init__()
        self.forms: list[Form] = []
        self.assets: list[str] = []
        self.is_open = False
        self.choice: tuple[str, str | None] | None = None
        self.text: tuple[str, str] | None = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        values = {name: value or "" for name, value in attributes}
        if tag == "link" and values.get("rel") in ("stylesheet", "icon"):
            self.assets.append(values["href"])
        elif tag in ("script", "img") and "src" in values:
            self.assets.append(values["src"])
        elif tag == "form":
            self.forms.append(Form(values.get("action", ""), values.get("method", "get").lower()))
            self.is_open = True
        elif self.is_open and tag == "input" and "name" in values:
            kind = values.get("type", "text")
            if kind not in ("checkbox", "radio") or "checked" in values:
                self.add(values["name"], values.get("value", ""))
        elif self.is_open and tag == "select":
            self.choice = (values.get("name", ""), None)
        elif self.choice and tag == "option":
            if self.choice[1] is None or "selected" in values:
                self.choice = (self.choice[0], values.get("value", ""))
        elif self.is_open and tag == "textarea" and "name" in values:
            self.text = (values["name"], "")

    def handle_data(self, data):
        if self.text:
            self.text = (self.text[0], self.text[1] + data)

    def handle_endtag(self, tag):
        if tag == "form":
            self.is_open = False
        elif tag == "select" and self.choice:
            self.add(self.choice[0], self.choice[1] or "")
            self.choice = None
        elif tag == "textarea" and self.text:
            self.add(self.text[0], self.text[1].lstrip("\n"))
            self.text = None

    def add(self, name: str, value: str) -> None:
        self.forms[-1].fields.append((name, value))


class Person:
    """Keeps one connection and the cookies of one server."""

    def __init__(self, url: str):
        self.url = url
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=30)
        self.cookies: dict[str, str] = {}
        self.page = ""
        self.path = "/"

    @property
    def cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def request(self, method: str, path: str, body: str = "", **headers: str) -> tuple[int, bytes]:
        """One exchange, redirects not followed; `Location` ends up in `self.location`."""
        everything = {"Cookie": self.cookie_header, "Origin": self.url,
                      "Sec-Fetch-Site": "same-origin", **headers}
        self.connection.request(method, path, body.encode() or None, everything)
        answer = self.connection.getresponse()
        content = answer.read()
        self.location = answer.getheader("Location")
        for header in answer.headers.get_all("Set-Cookie") or []:
            pair, _, attributes = header.partition(";")
            name, _, value = pair.partition("=")
            if "max-age=0" in attributes.lower().replace(" ", "") or not value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer.status, content

    def open(self, path: str) -> str:
        """Follows redirects and returns the page; anything but 200 is an error."""
        for _ in range(5):
            status, content = self.request("GET", path)
            if status in (302, 303):
                path = self.location
                continue
            if status != 200:
                raise RuntimeError(f"GET {path}: {status}\n{content.decode()[:2000]}")
            self.path, self.page = path, content.decode()
            return self.page
        raise RuntimeError(f"too many redirects at {path}")

    def submit(self, with_field: str, to: str = "", **values: str) -> str:
        """Fills in the page's form that has the field `with_field` and goes to a path that ends
        with `to`, sends it, follows on. Of a repeated field the first is filled in."""
        form = next(
            form for form in Forms(self.page).forms
            if form.method == "post" and form.action.endswith(to)
            and any(name == with_field for name, _ in form.fields))
        fields = [(name, values.pop(name, value)) for name, value in form.fields]
        path = urllib.parse.urljoin(self.path, form.action or self.path)
        status, content = self.request(
            "POST", path, urllib.parse.urlencode(fields),
            **{"Content-Type": "application/x-www-form-urlencoded"})
        if status in (302, 303):
            return self.open(self.location)
        if status != 200:
            raise RuntimeError(f"POST {path}: {status}\n{content.decode()[:2000]}")
        self.path, self.page = path, content.decode()
        return self.page

    def register(self) -> None:
        self.open("/register")
        self.submit("password", email="ada@example.com", name="Ada",
                    password="correct horse battery staple")

    def deploy(self, project: str, name: str) -> None:
        self.open(f"/projects/{project}/apps/new")
        self.submit("image", name=name, image="nginx:1.27", port="80", replicas="1")
        self.submit("plan")
