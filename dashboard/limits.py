"""Refuses a request that is larger than the pages take in, before it is kept anywhere, and lets so many in at a time."""

from asyncio import Semaphore

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.api_problems import api_said
from dashboard.language import said_to
from dashboard.who import by_key
from ocop.phrase import Phrase


class TooLarge(HTTPException):
    """More bytes came than the request may have; one of HTTP's own, so that no reader of a body takes it for a broken one."""

    def __init__(self, most: int) -> None:
        words = "Tệp hoặc biểu mẫu quá lớn: phần mềm nhận tối đa %(most)s MB mỗi lần gửi."
        super().__init__(413, Phrase(words, most=most // 1024 // 1024))


class InTurn:
    """An application that deals with so many requests at a time; the others wait for their turn and hold nothing."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self._room = app, Semaphore(most)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when there is room; what asks no database goes at once."""
        if scope["type"] != "http" or scope["path"] == "/healthz" or scope["path"].startswith("/static/"):
            await self.app(scope, receive, send)
            return
        async with self._room:
            await self.app(scope, receive, send)


class Limited:
    """An application behind a limit of bytes for each request, said beforehand or counted as they come."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on while it stays under the limit; answer 413 where it does not."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "")
        if said.isdigit() and int(said) > self.most:
            await self._refuse(scope, receive, send)
            return
        came = 0
        answered = False

        async def counted() -> Message:
            nonlocal came
            message = await receive()
            came += len(message.get("body", b""))
            if came > self.most:
                raise TooLarge(self.most)
            return message

        async def answering(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self.app(scope, counted, answering)
        except TooLarge:
            if answered:
                raise
            await self._refuse(scope, receive, send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if by_key(scope["path"]):
            await api_said(413)(scope, receive, send)
            return
        told = said_to(Request(scope), TooLarge(self.most).detail)
        await PlainTextResponse(told, status_code=413)(scope, receive, send)
