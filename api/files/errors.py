"""What can be wrong with an uploaded file."""

from jobs.errors import KhulasaError


class FileMismatch(KhulasaError):
    status = 422
    code = "file-mismatch"
    title = "The file is not what its type or name says"


class UndecodableText(KhulasaError):
    status = 422
    code = "undecodable-text"
    title = "The text is in an encoding that is not accepted"


class BrokenFile(KhulasaError):
    status = 422
    code = "broken-file"
    title = "The file cannot be read"


class EncryptedFile(KhulasaError):
    status = 422
    code = "encrypted-file"
    title = "The file is encrypted"


class FileWithoutText(KhulasaError):
    status = 422
    code = "file-without-text"
    title = "The file has no text in it"


class FileTooComplex(KhulasaError):
    status = 422
    code = "file-too-complex"
    title = "The file takes too much work to read"


class FileTooLarge(KhulasaError):
    status = 413
    code = "file-too-large"
    title = "The file is too large"


class FilesBusy(KhulasaError):
    status = 503
    code = "files-busy"
    title = "Too many files are being read"
    retry_after_seconds = 5


FILE_ERRORS = (
    FileMismatch,
    UndecodableText,
    BrokenFile,
    EncryptedFile,
    FileWithoutText,
    FileTooComplex,
    FileTooLarge,
    FilesBusy,
)
