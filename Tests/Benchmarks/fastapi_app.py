"""The project page as it is commonly written in Python: FastAPI, Jinja2, SQLAlchemy, a JWT.

Does for each request what BabyHelm does: checks the token, reads the session with its user, the
membership and 50 applications from SQLite, and renders the same markup. BENCH_DATABASE names the
database; `prepare()` fills it. The handler runs on the event loop itself: a thread for each request
would only make it slower.
"""

import os
import time

import jwt
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

import jinja_page

SECRET = "0123456789abcdef0123456789abcdef"
engine = create_engine(f"sqlite:///{os.environ['BENCH_DATABASE']}")
app = FastAPI(openapi_url=None)


class Table(DeclarativeBase):
    pass


class User(Table):
    __tablename__ = "users"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    role: Mapped[str]


class Login(Table):
    __tablename__ = "sessions"
    id: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[int]


class Project(Table):
    __tablename__ = "projects"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[int]


class Membership(Table):
    __tablename__ = "memberships"
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id"), primary_key=True)
    role: Mapped[str]


class Application(Table):
    __tablename__ = "applications"
    id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id"), index=True)
    name: Mapped[str]
    image: Mapped[str]
    release_number: Mapped[int]
    updated_at: Mapped[int]


def prepare(applications: int = 50) -> str:
    """Fills the database; returns the cookie of a signed-in user."""
    now = int(time.time() * 1000)
    Table.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add(User(id="u1", name="Ada", email="ada@example.com", role="admin"))
        session.add(Login(id="s1", user_id="u1", expires_at=now + 3_600_000))
        session.add(Project(id="p1", name="bench", created_at=now))
        session.add(Membership(project_id="p1", user_id="u1", role="owner"))
        session.add_all(
            Application(id=f"a{i}", project_id="p1", name=f"app-{i:02}", image="nginx:1.27",
                        release_number=1, updated_at=now)
            for i in range(applications))
    claims = {"sub": "u1", "sid": "s1", "exp": int(time.time()) + 3600}
    return f"session={jwt.encode(claims, SECRET, algorithm='HS256')}"


@app.get("/healthz")
async def alive():
    return PlainTextResponse("ok\n")


@app.get("/projects/{name}")
async def show(request: Request, name: str):
    try:
        claims = jwt.decode(request.cookies["session"], SECRET, algorithms=["HS256"])
    except (KeyError, jwt.InvalidTokenError):
        return RedirectResponse("/login", status_code=303)
    with Session(engine) as session:
        user = session.scalars(
            select(User).join(Login, Login.user_id == User.id)
            .where(Login.id == claims["sid"], Login.expires_at > int(time.time() * 1000))).one()
        project, membership = session.execute(
            select(Project, Membership).join(Membership, Membership.project_id == Project.id)
            .where(Project.name == name, Membership.user_id == user.id)).one()
        applications = session.scalars(
            select(Application).where(Application.project_id == project.id)
            .order_by(Application.name).limit(50)).all()
        lines = [
            jinja_page.line(name, found.name, found.image, found.release_number, found.updated_at)
            for found in applications]
        visitor = {"name": user.name, "email": user.email, "role": user.role,
                   "is_admin": user.role == "admin"}
        return HTMLResponse(
            jinja_page.page(name, project.created_at, membership.role, visitor, lines))


if __name__ == "__main__":
    print(prepare())
