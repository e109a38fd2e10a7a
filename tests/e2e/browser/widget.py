"""The widget as a person uses it."""

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, Page, Route

WEBHOOK = "**/webhooks/rest/webhook"
LAUNCHER = "Une question sur la BMA ?"
QUESTION = "Votre question"


def launcher(page: Page) -> Locator:
    return page.get_by_role("button", name=LAUNCHER)


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Assistant automatique BMA")


def question(page: Page) -> Locator:
    return page.get_by_role("textbox", name=QUESTION)


def log(page: Page) -> Locator:
    return page.get_by_role("log", name="Conversation")


def opened(page: Page, path: str = "/") -> Page:
    page.goto(path)
    launcher(page).click()
    panel(page).wait_for()
    return page


def say(page: Page, text: str) -> None:
    question(page).fill(text)
    question(page).press("Enter")


def answers(page: Page, count: int) -> Locator:
    """The answers, once there are `count`."""
    found = page.locator("bma-chat .bot")
    found.nth(count - 1).wait_for()
    return found


def answering(page: Page, *items: dict[str, Any]) -> None:
    """Answer every message with these elements, in place of the server."""
    page.route(WEBHOOK, lambda route: route.fulfill(json=list(items)))


def failing(page: Page, fail: Callable[[Route], None]) -> list[dict[str, Any]]:
    """Let `fail` answer messages; returns the bodies that were sent, as they come."""
    sent: list[dict[str, Any]] = []

    def handle(route: Route) -> None:
        sent.append(json.loads(route.request.post_data or "{}"))
        fail(route)

    page.route(WEBHOOK, handle)
    return sent
