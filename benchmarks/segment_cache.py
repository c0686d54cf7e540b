"""What the segment cache saves and takes: the seeds' articles again and edited, and Redis's memory."""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import SecretStr

from deploy.local.process import Process
from deploy.local.redis_server import answers, find_redis_server, redis_command
from jobs.job import ArticleFacts, Job
from jobs.segment_cache import TIMEOUT_SECONDS, SegmentCache
from jobs.segment_store import SegmentStore, User, connect_segments
from jobs.settings import Settings
from jobs.store import utc_now
from models.article import Article
from models.engines import Engines
from models.engines.cached import CachedTranslator
from models.engines.contract import EngineOptions, Progress, Translation, Translator

_SEEDS = Path(__file__).parents[1] / "seeds"
_EDIT = "ونفى المتحدث رقم {} ذلك مساء أمس."
_ARTICLES = 200
_WINDOW = 16  # as models/steps/translation.py has it


class Counted:
    """A translator that counts the segments which it is asked for."""

    def __init__(self, translator: Translator) -> None:
        self.model = translator.model
        self.fingerprint = translator.fingerprint
        self.segments = 0
        self._translator = translator

    def translate(self, sources: Sequence[str], progress: Progress) -> list[Translation]:
        self.segments += len(sources)
        return self._translator.translate(sources, progress)


@contextmanager
def a_redis() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="khulasa-") as name:
        folder = Path(name)
        place = folder / "redis.sock"
        command = redis_command(find_redis_server(), socket=place, folder=folder)
        with Process("redis", command, environment=os.environ, log=folder / "redis.log"):
            while not answers(place):
                time.sleep(0.01)
            yield Settings(redis_url=SecretStr(f"unix://{place}"))


def a_job(name: str, *, fresh: bool) -> Job:
    facts = ArticleFacts(characters=0, segments=0, language="ar")
    return Job(id=name, created_at=utc_now(), ttl_seconds=86_400, article=facts, steps={}, fresh=fresh)


def translated(sources: Sequence[str], translator: CachedTranslator) -> int:
    """In how many segments the cache was hit."""
    hits = 0
    for first in range(0, len(sources), _WINDOW):
        given = translator.translate(sources[first : first + _WINDOW], lambda _done, _total: None)
        hits += sum(it.from_cache for it in given)
    return hits


def report_work(engine: Counted) -> None:
    print(f"{'article':10}{'run':22}{'segments':>9}{'to the engine':>15}{'hits':>6}{'seconds':>10}")
    with a_redis() as settings:
        store = SegmentStore(connect_segments(settings, timeout_seconds=TIMEOUT_SECONDS), settings)
        cache = SegmentCache(store, settings)
        for number, path in enumerate(sorted(_SEEDS.glob("*.txt"))):
            sources = list(Article(path.read_text("utf-8")).sources)
            edited = [*sources[:3], _EDIT.format(number), *sources[4:]]
            for run, text, fresh in [
                ("first", sources, False),
                ("again", sources, False),
                ("again, no-cache", sources, True),
                ("one sentence changed", edited, False),
            ]:
                engine.segments = 0
                job = a_job(f"01SEED{number}{run}", fresh=fresh)
                began = time.perf_counter()
                hits = translated(text, CachedTranslator(engine, cache.of(job)))
                seconds = time.perf_counter() - began
                print(f"{number:<10}{run:22}{len(text):9}{engine.segments:15}{hits:6}{seconds:10.3f}")


def report_memory(size: int) -> None:
    """Of entries with values of `size` bytes, in articles of forty, each used by two jobs."""
    with a_redis() as settings:
        client = connect_segments(settings, timeout_seconds=3)
        store = SegmentStore(client, settings)
        empty = client.info("memory")["used_memory"]
        for article in range(_ARTICLES):
            values = {f"{article * 40 + number:040d}": "x" * size for number in range(40)}
            store.write(values, User(f"01FIRST{article:019d}", 86_400))
            store.note_use(store.read(list(values)), User(f"01AGAIN{article:019d}", 86_400))
        used = client.info("memory")["used_memory"] - empty
        charged = client.zcard("khulasa:segments") * 1_024
        count = _ARTICLES * 40
        print(f"{size:11}{used / count:14.0f}{charged / count:12.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--model", help="a folder or name; else the one that the service would take")
    parser.add_argument("--models-dir", type=Path)
    arguments = parser.parse_args()
    options = EngineOptions(models_dir=arguments.models_dir, threads=arguments.threads)
    engine = Counted(Engines(options).translator(arguments.model))
    engine.translate(["مرحبا"], lambda _done, _total: None)  # the first call is slower than all others
    print(f"{engine.model.name}, beam {options.beam_size}, {arguments.threads} threads")
    report_work(engine)
    print(f"\n{'value bytes':>11}{'Redis bytes':>14}{'charged':>12}")
    for size in (100, 250, 500, 1_000, 4_000):
        report_memory(size)


if __name__ == "__main__":
    main()
