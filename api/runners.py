"""Who runs custom actions: this process, or an action server over HTTP."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import httpx

from api import request_ids
from bot.execution.runner import ActionAnswer, ActionCall, ActionFailed, ActionRejected


class InProcessRunner:
    """Runs the project's actions in this process, through rasa-sdk's ActionExecutor."""

    def __init__(self) -> None:
        from actions.protocol import ActionProtocol

        self._protocol = ActionProtocol()

    async def run(self, call: ActionCall) -> ActionAnswer:
        """Run one action; see `bot.execution.runner.ActionRunner`."""
        status, body = await self._protocol.answer(call.to_json())
        return _answer(call.action, status, body, body.get("error") if isinstance(body, Mapping) else None)


class HttpRunner:
    """Asks an action server, as Rasa does (rasa-compat section 14).

    The domain is sent once; then its digest, until the server says (449) that it does not have it.

    Args:
        url: whole URL of the webhook.
        timeout: seconds to wait for an answer.
        token: sent as `?token=` when given.
    """

    def __init__(self, url: str, timeout: float, token: str | None = None) -> None:
        self._url = url
        self._params = {"token": token} if token else {}
        self._client = httpx.AsyncClient(timeout=timeout, trust_env=False)
        self._known: str | None = None
        self._domain: Mapping[str, Any] = {}
        self._digest = ""
        """Of `_domain`, which is the same object from turn to turn as long as the same model talks."""

    async def run(self, call: ActionCall) -> ActionAnswer:
        """Run one action; see `bot.execution.runner.ActionRunner`."""
        digest = self._digest_of(call.domain)
        response = await self._post(call, digest, with_domain=self._known != digest)
        if response.status_code == 449:
            response = await self._post(call, digest, with_domain=True)
        if response.status_code == 200:
            self._known = digest
        try:
            body = response.json()
        except ValueError as error:
            raise ActionFailed(f"{call.action}: the action server answered {response.status_code} without JSON") from error
        return _answer(call.action, response.status_code, body)

    def _digest_of(self, domain: Mapping[str, Any]) -> str:
        if domain is not self._domain:
            self._domain = domain
            self._digest = hashlib.sha256(json.dumps(domain, sort_keys=True).encode()).hexdigest()
        return self._digest

    async def _post(self, call: ActionCall, digest: str, *, with_domain: bool) -> httpx.Response:
        body = call.to_json() | {"domain_digest": digest}
        if not with_domain:
            del body["domain"]
        try:
            return await self._client.post(self._url, params=self._params, json=body, headers=_request_id())
        except httpx.HTTPError as error:
            raise ActionFailed(f"{call.action}: no answer from the action server ({type(error).__name__})") from error

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


def _request_id() -> dict[str, str]:
    """The header that lets the action server's log say for which request it worked."""
    request_id = request_ids.current()
    return {request_ids.HEADER: request_id} if request_id else {}


def _answer(action: str, status: int, body: Any, reason: str | None = None) -> ActionAnswer:
    """What an action answered; the reason of a failure is logged: it must not be another server's, which may quote the user."""
    if status == 400 and isinstance(body, Mapping) and "action_name" in body:
        raise ActionRejected(action)
    if status != 200 or not isinstance(body, Mapping):
        raise ActionFailed(f"{action}: status {status} from the actions" + (f" ({reason})" if reason else ""))
    events, responses = body.get("events") or (), body.get("responses") or ()
    for items in (events, responses):
        if not isinstance(items, list | tuple) or not all(isinstance(item, Mapping) for item in items):
            raise ActionFailed(f"{action}: events and responses must be lists of objects")
    return ActionAnswer(tuple(events), tuple(responses))
