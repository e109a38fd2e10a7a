"""Who talks: keys of conversations, and the keyed hashes that they are made of."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ConversationKey:
    """Who talks, where: channel and keyed hash of the sender. Both come from the route, never from the body."""

    channel: str
    sender_hash: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.sender_hash}"


class Secret:
    """The key of all hashes: of senders and of messages.

    Args:
        key: at least 16 bytes.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < 16:
            raise ValueError("the secret key needs at least 16 bytes")
        self._key = key

    def hash(self, *parts: str) -> str:
        """Keyed hash of strings, 32 hexadecimal characters."""
        data = "\x1f".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(self._key, data, hashlib.sha256).hexdigest()[:32]

    def conversation(self, channel: str, sender: str) -> ConversationKey:
        """The key of a sender's conversation on a channel."""
        return ConversationKey(channel, self.hash("sender", channel, sender))
