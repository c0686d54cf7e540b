"""What gunicorn serves: `gunicorn api.wsgi:app`."""

from api.app import create_app
from jobs import logs
from jobs.settings import Settings

_settings = Settings.from_environment()
logs.configure(_settings.log_level)
app = create_app(_settings)
