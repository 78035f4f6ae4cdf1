"""Files sent with a form: kept beside the record at once, and named by a ticket until the act that files them is done."""

import hmac
from io import BytesIO
from typing import IO

from casework import attachments
from casework.settings import AttachmentSettings
from dashboard.forms_read import Upload
from models.settings import DatabaseSettings
from ocop.errors import NotFound
from ocop.phrase import Phrase


class KeptFiles:
    """Where one reader's files go; a ticket is good for the session that sent the file, so that nobody names another's."""

    def __init__(self, form_token: str) -> None:
        """Keep files for the session whose forms carry this."""
        self._token = form_token.encode()

    def keep(self, upload: Upload) -> str:
        """Keep a file and return its ticket; InvalidInput for one that may not be attached."""
        return self.keep_file(upload.name, BytesIO(upload.content))

    def keep_file(self, name: str, source: IO[bytes]) -> str:
        """Keep a file as it is read, block by block, and return its ticket; InvalidInput for one that may not be attached."""
        stored = attachments.store(DatabaseSettings().files, name, source, AttachmentSettings())
        return f"{stored.sha256}.{self._seal(stored.sha256)}"

    def hash_of(self, ticket: str) -> str:
        """Return the hash of the file that a ticket names; ValueError for one of another session, or kept no more."""
        digest, _, seal = ticket.partition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(digest).encode()):
            raise ValueError(Phrase("tệp được gửi từ phiên làm việc khác; hãy chọn lại tệp"))
        try:
            attachments.hold(DatabaseSettings().files, digest)
        except NotFound:
            raise ValueError(Phrase("tệp không còn được giữ vì đã gửi quá một ngày; hãy chọn lại tệp")) from None
        return digest

    def _seal(self, digest: str) -> str:
        return hmac.new(self._token, f"file/{digest}".encode(), "sha256").hexdigest()
