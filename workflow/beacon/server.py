"""The Beacon's web server. It has in memory what may be told and nothing else; a look-up stands in the log before it is answered."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from workflow.beacon.documents import Documents
from workflow.beacon.errors import BeaconError
from workflow.beacon.lookup_log import LookupLog
from workflow.beacon.names import Names
from workflow.beacon.openapi import description
from workflow.beacon.pages import Pages
from workflow.beacon.query import Query, read_get, read_post
from workflow.beacon.requesters import PUBLIC, Door
from workflow.beacon.search import exact, find
from workflow.beacon.table import ToldTable
from workflow.cohort_store.regions import read_variant
from workflow.errors import InputError

LARGEST_BODY = 64 << 10
SYNC_EVERY = 1.0
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Beacon:
    """What the server is made of; `public` is the granularity without a token."""

    table: ToldTable
    names: Names
    door: Door
    log: LookupLog
    documents: Documents
    pages: Pages
    public: str = "boolean"

    def answer(self, request: Request, query: Query, one: str = "") -> Response:
        """Look up, write it into the log, answer."""
        requester = self.door.who(request.headers.get("authorization"))
        granularity = "boolean" if query.granularity == "boolean" else "count" if requester else self.public
        if one:
            variant = _variant(one, self.table.release.assembly)
            number, row = exact(self.table, variant, query)
        else:
            number, row = find(self.table, self.names, query)
        self.door.count(requester, _address(request))
        asked = {"id": "-".join(map(str, (variant.contig, variant.pos, variant.ref, variant.alt)))} if one else dict(query.parameters)
        self.log.add(
            {"who": requester.name if requester else PUBLIC, "release": self.table.release.number, "asked": asked}
            | {"group": query.group, "granularity": granularity, "found": number if granularity == "count" else number > 0}
        )
        return as_json(self.documents.told(query, number, row, granularity))

    def refused(self, status: int, message: str) -> Response:
        """Answer an error in the Beacon's form."""
        response = as_json(self.documents.failed(status, message), status)
        if status == 401:
            response.headers["WWW-Authenticate"] = "Bearer"
        return response


def as_json(content: object, status: int = 200) -> Response:
    """Return a JSON answer."""
    body = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")
    return Response(body, status, HEADERS, "application/json")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _variant(text: str, assembly: str) -> Any:
    try:
        if len(text) <= 2_000 and text.count("-") == 3:
            return read_variant(text, assembly)
    except (InputError, ValueError):
        pass
    raise BeaconError(400, "That is no variant's identifier; write it as 7-117559590-ATCT-A (1-based, REF and ALT as in VCF).")


async def body_of(request: Request) -> object:
    """Return the JSON of a request's body.

    Raises:
        BeaconError: it is too large, or no JSON.
    """
    content, too_large = b"", BeaconError(413, f"The body is larger than {LARGEST_BODY} bytes.")
    said = request.headers.get("content-length", "")
    if said.isdecimal() and (len(said) > 9 or int(said) > LARGEST_BODY):
        raise too_large
    async for part in request.stream():
        content += part
        if len(content) > LARGEST_BODY:
            raise too_large
    try:
        return json.loads(content, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BeaconError(400, "The body is no JSON.") from None


def _no_constant(_: str) -> None:
    raise ValueError


def application(beacon: Beacon) -> Starlette:
    """Return the application."""
    documents, release = beacon.documents, beacon.table.release
    fixed = {
        "/info": documents.info(), "/": documents.info(), "/service-info": documents.service_info(), "/map": documents.map(),
        "/configuration": documents.configuration(), "/entry_types": documents.entry_types(),
        "/filtering_terms": documents.filtering_terms(), "/openapi.json": description(documents.site),
    }  # fmt: skip

    def entered(handler: Handler) -> Handler:
        async def inner(request: Request) -> Response:
            beacon.door.enter(beacon.door.who(request.headers.get("authorization")), _address(request))
            return await handler(request)

        return inner

    def document(content: object) -> Handler:
        async def inner(_: Request) -> Response:
            return as_json(content)

        return inner

    async def g_variants(request: Request) -> Response:
        return beacon.answer(request, await _query(request, release.assembly, release.groups))

    async def g_variant(request: Request) -> Response:
        query = await _query(request, release.assembly, release.groups)
        if query.parameters:
            raise BeaconError(400, "A variant's identifier is asked alone.")
        return beacon.answer(request, replace(query, parameters={}), request.path_params["id"])

    async def page(request: Request) -> Response:
        name = request.url.path.strip("/")
        return Response(beacon.pages.html(name), 200, {**HEADERS, "Content-Security-Policy": beacon.pages.policy(name)}, "text/html")

    routes = [Route(path, entered(document(content)), methods=["GET"]) for path, content in fixed.items()]
    routes += [Route(path, entered(g_variants), methods=["GET", "POST"]) for path in ("/g_variants", "/g_variants/")]
    routes.append(Route("/g_variants/{id}", entered(g_variant), methods=["GET", "POST"]))
    routes += [Route(f"/{name}", entered(page), methods=["GET"]) for name in beacon.pages.names]
    app = Starlette(routes=routes, lifespan=_lifespan(beacon), exception_handlers=_handlers(beacon))
    app.router.redirect_slashes = False
    return app


async def _query(request: Request, assembly: str, groups: tuple[str, ...]) -> Query:
    if request.method == "POST":
        if request.url.query:
            raise BeaconError(400, "A POST has its parameters in the body.")
        return read_post(await body_of(request), assembly, groups)
    values: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        values.setdefault(name, []).append(value)
    return read_get(values, assembly, groups)


def _handlers(beacon: Beacon) -> dict[Any, Any]:
    words = {404: "There is nothing at this address; /map lists what there is.", 405: "GET and POST are answered here."}

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, BeaconError)
        return beacon.refused(error.status, error.message)

    async def http(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        return beacon.refused(status, words.get(status, "This request is not answered."))

    async def disk(_: Request, __: Exception) -> Response:
        print("beacon: the log of look-ups cannot be written; nothing is answered meanwhile", file=sys.stderr)
        return beacon.refused(503, "Look-ups cannot be written down at the moment, so none is answered.")

    async def other(_: Request, error: Exception) -> Response:
        print(f"beacon: {type(error).__name__} at an answer", file=sys.stderr)
        return beacon.refused(500, "This went wrong here; the request was not answered.")

    return {BeaconError: refused, HTTPException: http, OSError: disk, ClientDisconnect: http, Exception: other}


def _lifespan(beacon: Beacon) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async def keep() -> None:
            while True:
                await asyncio.sleep(SYNC_EVERY)
                await asyncio.to_thread(beacon.log.sync)

        task = asyncio.create_task(keep())
        yield
        task.cancel()
        beacon.log.close()

    return lifespan
