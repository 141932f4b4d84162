"""An OpenID provider of its own for a test: Django with django-oauth-toolkit, on loopback.

    python openid_provider.py FOLDER PORT

FOLDER has `people.json` (address → claims, read at each sign-in), `key.pem` (signs ID tokens) and,
after a rotation, `old-key.pem` (still published). The database in it outlives the process.
"""

import pathlib
import sys
from wsgiref.simple_server import WSGIRequestHandler, make_server

import django
from django.conf import settings
from django.core.management import call_command
from django.http import HttpResponseRedirect
from django.urls import include, path

CLIENT_ID, CLIENT_SECRET = "babyhelm", "a secret: with % and + and :"


def sign_in(request):
    """Signs in whom the query names: the provider's own login is not what is tested."""
    from django.contrib.auth import get_user_model, login

    email = request.GET["as"]
    user, _ = get_user_model().objects.get_or_create(username=email, email=email)
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return HttpResponseRedirect(request.GET["next"])


def configure(folder: pathlib.Path, port: int) -> None:
    old = folder / "old-key.pem"
    settings.configure(
        FOLDER=folder, SECRET_KEY="only for this test's cookies", ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__, DEBUG=False, USE_TZ=True, LOGIN_URL="/sign-in",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3",
                               "NAME": str(folder / "provider.sqlite")}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes",
                        "django.contrib.sessions", "oauth2_provider"],
        MIDDLEWARE=["django.contrib.sessions.middleware.SessionMiddleware",
                    "django.contrib.auth.middleware.AuthenticationMiddleware"],
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True, "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{port}/o",
            "OIDC_RSA_PRIVATE_KEY": (folder / "key.pem").read_text(),
            "OIDC_RSA_PRIVATE_KEYS_INACTIVE": [old.read_text()] if old.exists() else [],
            "OAUTH2_VALIDATOR_CLASS": "openid_validator.Validator", "PKCE_REQUIRED": True,
            "SCOPES": {"openid": "", "email": "", "profile": "", "groups": ""},
            "ALLOWED_REDIRECT_URI_SCHEMES": ["http"]})
    django.setup()
    globals()["urlpatterns"] = [
        path("sign-in", sign_in), path("o/", include("oauth2_provider.urls"))]
    call_command("migrate", verbosity=0)


def register(redirect_uris: str) -> None:
    from oauth2_provider.models import get_application_model

    get_application_model().objects.update_or_create(
        client_id=CLIENT_ID, defaults={
            "client_secret": CLIENT_SECRET, "client_type": "confidential", "algorithm": "RS256",
            "authorization_grant_type": "authorization-code", "skip_authorization": True,
            "redirect_uris": redirect_uris})


class Silent(WSGIRequestHandler):
    def log_message(self, *arguments):
        pass


def main() -> None:
    from django.core.wsgi import get_wsgi_application

    folder, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    configure(folder, port)
    register((folder / "redirect-uris").read_text())
    with make_server("127.0.0.1", port, get_wsgi_application(), handler_class=Silent) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
