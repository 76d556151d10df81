"""What is answered on the control socket, before either tongue has put it into its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, BinaryIO

from forkproxy.errors import ForkproxyError

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: `text` for lines, `data` for JSON.

    Of HTTP are `status`, `code`, which names an error of the API, and `content_type`: where it says
    another one than JSON, `text` is the content. Where there is a `file`, that is the content.
    """

    text: str = ""
    data: Any = None
    status: int = 200
    code: str = ""
    content_type: str = JSON
    file: BinaryIO | None = None


class Refused(ForkproxyError):  # noqa: N818 (it is an answer, not a fault)
    """What was asked for cannot be; nothing has changed.

    Attributes:
        text: why, as a short phrase.
        code: NGINX Plus' name for it.
        status: of HTTP.
    """

    def __init__(self, text: str, code: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.code = code
        self.status = status

    def reply(self) -> Reply:
        """Return it as an answer."""
        return Reply(self.text, status=self.status, code=self.code)
