"""Sending to Teams: Microsoft's connector client, with time-outs, no redirects, and errors that say what to do next."""

from __future__ import annotations

from urllib.parse import quote

import aiohttp
from microsoft_agents.activity import Activity
from microsoft_agents.hosting.core.connector.client.connector_client import ConversationsOperations

from api.channels.teams.credentials import Credentials, NoToken
from api.channels.teams.settings import TeamsSettings

TIMEOUT = 15.0
"""Seconds to wait for the connector."""
MAX_RETRY_AFTER = 3600.0
PASSING = frozenset({401, 408, 412, 425, 429, 500, 502, 503, 504})
"""Statuses after which sending again may help; 401 when the operator has put the credentials right."""


class NotDelivered(Exception):
    """The connector did not take an activity.

    Args:
        why: for operators.
        may_pass: whether sending it again may help.
        retry_after: seconds to wait, as the connector asks; None: it does not say.
    """

    def __init__(self, why: str, *, may_pass: bool, retry_after: float | None = None) -> None:
        super().__init__(why)
        self.may_pass = may_pass
        self.retry_after = retry_after


class Connector:
    """The Bot Framework's connector.

    Args:
        settings: which hosts may get our token.
        credentials: make the token.
    """

    def __init__(self, settings: TeamsSettings, credentials: Credentials) -> None:
        self._settings = settings
        self._credentials = credentials
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def send(self, service_url: str, activity: Activity) -> str:
        """Send an activity to its conversation, as a reply when it has a `replyToId`.

        Args:
            service_url: of the conversation.
            activity: what to send.

        Returns:
            The id that Teams gave it; empty when it gave none.

        Raises:
            NotDelivered: it was not taken.
        """
        if not self._settings.allows_service(service_url):
            raise NotDelivered("the service's host is not allowed", may_pass=False)
        session = self._session(service_url)
        try:
            token = await self._credentials.token()
            if token is not None:
                session.headers["Authorization"] = f"Bearer {token}"
            conversations = ConversationsOperations(session, max_conversation_id_length=2_000)
            place = quote(activity.conversation.id, safe="")
            if activity.reply_to_id:
                answer = await conversations.reply_to_activity(place, quote(activity.reply_to_id, safe=""), activity)
            else:
                answer = await conversations.send_to_conversation(place, activity)
        except NoToken as error:
            raise NotDelivered(f"no token: {error}", may_pass=True) from error
        except aiohttp.ClientResponseError as error:
            raise NotDelivered(f"status {error.status}", may_pass=error.status in PASSING, retry_after=_wait(error)) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NotDelivered(type(error).__name__, may_pass=True) from error
        except ValueError:
            return ""  # taken, with a body that is no JSON
        return str(answer.id or "") if answer else ""

    def _session(self, service_url: str) -> aiohttp.ClientSession:
        base = service_url if service_url.endswith("/") else f"{service_url}/"
        if base not in self._sessions:
            self._sessions[base] = aiohttp.ClientSession(
                base_url=base, timeout=aiohttp.ClientTimeout(total=TIMEOUT), middlewares=(_no_redirect,)
            )
        return self._sessions[base]

    async def close(self) -> None:
        """Close all connections."""
        for session in self._sessions.values():
            await session.close()


async def _no_redirect(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Our token goes where it was sent, and nowhere else."""
    response = await handler(request)
    if 300 <= response.status < 400:
        response.close()
        raise aiohttp.ClientResponseError(response.request_info, (), status=response.status)
    return response


def _wait(error: aiohttp.ClientResponseError) -> float | None:
    value = error.headers.get("Retry-After") if error.headers else None
    try:
        return min(max(float(value or ""), 0.0), MAX_RETRY_AFTER)
    except ValueError:
        return None
