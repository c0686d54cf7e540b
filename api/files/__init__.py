"""Files: the text of an article out of an uploaded body, whatever its type."""

from api.files.extracted import ExtractedText
from api.files.limits import FileLimits
from api.files.upload import FileReader, read_upload

__all__ = ["ExtractedText", "FileLimits", "FileReader", "read_upload"]
