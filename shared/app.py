"""Builds a service's HTTP application and its command line from what the service is."""

from __future__ import annotations

import gc
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Annotated, Literal

import typer
import uvicorn
from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi_offline import FastAPIOffline
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.process_collector import ProcessCollector
from sqlalchemy.exc import SQLAlchemyError

from shared import migrate
from shared.log import LogTrouble
from shared.outcome import StoreTrouble
from shared.runtime import Runtime
from shared.service import Service
from shared.settings import BadSetting, Settings, from_environment
from shared.specification import asyncapi_json, asyncapi_page
from shared.telemetry import FactsCollector, FiguresCollector, LedgerCollector

Router = Callable[[Runtime], APIRouter]
MAX_REQUEST = 1 << 20
"""Bytes of a request's body: far more than an event may have, far less than memory."""


def build(service: Service, router: Router, settings: Settings) -> FastAPI:
    """The service's application: its API, and health, metrics and documentation beside it."""
    runtime = Runtime(service, settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        del app
        await runtime.start()
        try:
            yield
        finally:
            await runtime.stop()

    app = FastAPIOffline(
        title=f"mentoring-cycle: {service.name}",
        version="1",
        lifespan=lifespan,
        max_body_size=MAX_REQUEST,
    )
    app.state.runtime = runtime
    app.include_router(_operations(runtime))
    app.include_router(router(runtime))
    for trouble in (LogTrouble, StoreTrouble):
        app.add_exception_handler(trouble, _unavailable)
    app.add_exception_handler(RequestValidationError, _invalid)
    return app


async def _unavailable(request: Request, error: Exception) -> Response:
    """Trouble passes: the same command may be sent again under the same idempotency key."""
    del request
    what = "log" if isinstance(error, LogTrouble) else "database"
    return JSONResponse({"error": f"the {what} is away: {error}"}, 503, {"Retry-After": "2"})


async def _invalid(request: Request, error: Exception) -> Response:
    """Field and rule, as for an event; FastAPI's own answer would repeat what was sent."""
    del request
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    field = "".join(f"/{step}" for step in first["loc"][1:])
    return JSONResponse({"field": field, "rule": first["msg"]}, 422)


def _operations(runtime: Runtime) -> APIRouter:
    routes = APIRouter(tags=["operations"])
    registry = CollectorRegistry()
    registry.register(LedgerCollector(runtime.service.name, runtime.statuses))
    of_facts = FactsCollector(runtime.service.name)
    of_rows = FiguresCollector(runtime.service.name)
    for each in (of_facts, of_rows):
        registry.register(each)
    ProcessCollector(registry=registry)

    @routes.get("/health/live")
    async def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @routes.get("/health/ready")
    async def ready() -> Response:
        """It folds what the log brings; 503 with the reasons when not."""
        reasons = runtime.reasons()
        partitions = [
            {"partition": s.partition, "owned": s.owned, "pending": s.pending, **_plain(s.progress)}
            for s in runtime.statuses()
        ]
        operations = [asdict(each) for each in (await runtime.facts.get()).running]
        body = {
            "ready": not reasons,
            "reasons": reasons,
            "partitions": partitions,
            "operations": operations,
        }
        return JSONResponse(body, 503 if reasons else 200)

    @routes.get("/metrics")
    async def metrics() -> Response:
        """For Prometheus."""
        of_facts.facts = await runtime.facts.get()
        of_rows.figures = await runtime.figures.get()
        return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")

    @routes.get("/asyncapi.json", include_in_schema=False)
    async def asyncapi() -> Response:
        """What it reads and says, as AsyncAPI 3."""
        return Response(asyncapi_json(runtime.service), media_type="application/json")

    @routes.get("/asyncapi", include_in_schema=False)
    async def page() -> Response:
        """The same for people."""
        return Response(asyncapi_page(runtime.service), media_type="text/html")

    return routes


def _plain(progress: object) -> dict[str, object]:
    names = ("state", "position", "marked", "deciding", "inputs", "answers", "batches", "letters")
    return {name: getattr(progress, name) for name in (*names, "trouble")}


def main(
    service: Service, router: Router, prepare: Callable[[Settings], Service] | None = None
) -> None:
    """The command line of a service: run, migrate, openapi, asyncapi.

    Args:
        service: what it is.
        router: makes its API.
        prepare: completes the service from the settings, such as feedback's key ring; may raise BadSetting.
    """
    commands = typer.Typer(no_args_is_help=True, help=f"The {service.name} service.")

    def ready() -> tuple[Service, Settings]:
        try:
            settings = from_environment(service.name)
            return (prepare(settings) if prepare else service), settings
        except BadSetting as error:
            typer.echo(f"error: {error}", err=True)
            raise typer.Exit(2) from error

    @commands.command()
    def run(
        log_level: Annotated[
            Literal["debug", "info", "warning", "error"], typer.Option(help="What goes to stderr.")
        ] = "info",
    ) -> None:
        """Fold the log and serve HTTP until told to stop."""
        whole, settings = ready()
        # Hundreds of events are alive at a time: measured, the default threshold costs a seventh of a fold.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        logging.basicConfig(
            level=log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        uvicorn.run(
            build(whole, router, settings),
            host=settings.http_host,
            port=settings.http_port,
            log_level="warning",
            loop="uvloop",
            timeout_graceful_shutdown=10,
        )

    @commands.command("migrate")
    def migrate_() -> None:
        """Bring the database to the newest schema."""
        try:
            settings = from_environment(service.name)
            migrate.upgrade(service.name, settings.database_url)
        except (BadSetting, migrate.Foreign, SQLAlchemyError) as error:
            typer.echo(f"error: {str(error).splitlines()[0]}", err=True)
            raise typer.Exit(2) from error
        typer.echo(f"{service.name}: the database is up to date")

    @commands.command()
    def openapi() -> None:
        """Print the HTTP interface as OpenAPI 3.1."""
        typer.echo(json.dumps(build(service, router, Settings()).openapi(), indent=2))

    @commands.command()
    def asyncapi() -> None:
        """Print what it reads and says as AsyncAPI 3."""
        typer.echo(asyncapi_json(service))

    commands()
