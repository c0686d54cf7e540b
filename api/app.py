"""The Flask application of the API."""

from flask import Flask
from flask.json.provider import DefaultJSONProvider

from api.acceptance import Acceptance
from api.auth import Gate
from api.batch_intake import BatchIntake
from api.batches import Batches
from api.compat.routes import CompatRoutes
from api.compat.translations import Translations
from api.cors import register_cors
from api.files import FileLimits, FileReader
from api.glossaries import ChosenGlossaries
from api.limits import Limits
from api.metrics import Metrics
from api.openapi import openapi_document
from api.problems import register_problems
from api.request_log import register_request_log
from api.routes.batches import batch_routes
from api.routes.glossaries import glossary_routes
from api.routes.health import health_routes
from api.routes.jobs import JobRoutes
from api.routes.metrics import metric_routes
from api.routes.models import model_routes
from api.routes.pages import page_routes
from api.routes.webhooks import WebhookRoutes
from api.security_headers import register_security_headers
from api.submissions import Intake
from api.targets import AllowedTargets
from api.waiting import WaitingRoom
from api.webhooks import AllowedWebhooks
from api.whole_request import WholeRequest
from jobs.batch import BatchStore
from jobs.dead.letters import DeadLetters
from jobs.glossaries import GlossaryStore
from jobs.idempotency import IdempotencyKeys
from jobs.keys import KeyRing
from jobs.line import Line
from jobs.queue import StepQueue, check_queues, make_celery
from jobs.segment_store import SegmentStore, connect_segments
from jobs.settings import Settings
from jobs.store import JobStore, connect
from jobs.webhooks.outbox import Outbox
from jobs.webhooks.post import Post
from jobs.webhooks.secrets import WebhookSecrets
from jobs.work import SharedWork
from jobs.workers import WorkerRegister
from models.engines import Engines
from models.engines.contract import EngineOptions
from models.steps import load_steps, rebasing, result_fields


class ReadableJson(DefaultJSONProvider):
    """Arabic stays Arabic, fields stay in the order of the contract."""

    ensure_ascii = False
    sort_keys = False


def create_app(settings: Settings) -> Flask:
    """The wiring of an API process; connects to nothing before the first request."""
    app = Flask(__name__, static_folder=None)
    app.json = ReadableJson(app)
    app.request_class = WholeRequest
    app.url_map.merge_slashes = False  # else `//livez` is a redirect in HTML
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    register_request_log(app)
    register_security_headers(app)
    register_cors(app, settings.allowed_origins)
    register_problems(app)
    redis = connect(settings, retries=1)
    queue = StepQueue(make_celery(settings), redis)
    line = Line(redis)
    register = WorkerRegister(redis)
    steps = load_steps(settings.steps_dir)
    store = JobStore(redis, settings, Outbox(result_fields(steps)))
    check_queues(step.queue for step in steps.values())
    engines = Engines(  # asked what there is, never loaded
        EngineOptions(
            models_dir=settings.models_dir,
            translation_model=settings.translation_model,
            summary_model=settings.summary_model,
        )
    )
    glossaries = GlossaryStore(redis)
    post = Post(redis)
    webhook_secrets = WebhookSecrets(redis, settings.webhook_secret)
    webhooks = AllowedWebhooks(AllowedTargets(settings.webhook_rules), webhook_secrets, post.switches)
    intake = Intake(steps, engines, ChosenGlossaries(glossaries), webhooks, settings)
    room = WaitingRoom(store, settings.max_waiting_clients)
    keys = KeyRing(redis)
    gate = Gate(keys, store, settings)
    app.before_request(gate.admit)
    Limits(redis, settings).register(app)
    app.before_request(gate.check_owner)
    work = SharedWork(store, queue, redis, rebasing(steps))
    cache = connect_segments(settings, timeout_seconds=settings.store_timeout_seconds)
    segments = SegmentStore(cache, settings)
    acceptance = Acceptance(store, queue, work, IdempotencyKeys(redis, store.was_accepted), segments)
    routes = JobRoutes(
        store=store,
        work=work,
        segments=segments,
        steps=steps,
        intake=intake,
        reader=_file_reader(settings),
        acceptance=acceptance,
        room=room,
    )
    app.register_blueprint(routes.blueprint())
    batch_store = BatchStore(redis, settings)
    batches = Batches(batch_store, store, acceptance, redis, steps)
    app.register_blueprint(
        batch_routes(BatchIntake(intake, settings), batches, batch_store, settings.max_batch_bytes)
    )
    app.register_blueprint(glossary_routes(glossaries))
    app.register_blueprint(
        WebhookRoutes(
            store=store, post=post, secrets=webhook_secrets, allowed=webhooks, room=room
        ).blueprint()
    )
    app.register_blueprint(health_routes(store, line, register, steps))
    dead = DeadLetters(redis, store, queue)
    metrics = Metrics(store=store, line=line, dead=dead, post=post, register=register)
    app.register_blueprint(metric_routes(metrics))
    app.register_blueprint(model_routes(register, engines, steps))
    translations = Translations(
        store=store, acceptance=acceptance, room=room, steps=steps, engines=engines, settings=settings
    )
    app.register_blueprint(CompatRoutes(translations, store, keys, settings).blueprint())
    app.register_blueprint(page_routes(openapi_document(intake.model, steps)))
    return app


def _file_reader(settings: Settings) -> FileReader:
    limits = FileLimits(
        max_bytes=settings.max_file_bytes,
        max_chars=settings.max_article_chars,
        wall_seconds=settings.file_seconds,
        memory_bytes=settings.file_memory_mb * 1_048_576,
    )
    return FileReader(limits, settings.max_files_at_once)
