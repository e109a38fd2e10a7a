"""Connections that do not say what they want within some seconds are closed: uvicorn alone would keep them for ever."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

HEADERS = 10.0
"""Seconds for the headers of a request, and for the first one after a connection was made."""
BODY = 20.0
"""Seconds for the body of a request."""

if TYPE_CHECKING:
    _Protocol = asyncio.Protocol
else:
    _Protocol = AutoHTTPProtocol


class Patient(_Protocol):
    """uvicorn's protocol, with an end to waiting for headers: after `HEADERS` seconds, at most twice as many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to look at the clock."""
        super().connection_made(transport)
        self._connection = transport
        self._waiting_since: Any = self._request()
        self._timer = asyncio.get_running_loop().call_later(HEADERS, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing to look at any more."""
        self._timer.cancel()
        super().connection_lost(exc)

    def _request(self) -> Any:
        """The request that was answered last, None before the first; False while one is being answered."""
        cycle = getattr(self, "cycle", None)
        return cycle if cycle is None or cycle.response_complete else False

    def _look(self) -> None:
        request = self._request()
        if request is not False and request is self._waiting_since:
            self._connection.close()
            return
        self._waiting_since = request
        self._timer = asyncio.get_running_loop().call_later(HEADERS, self._look)
