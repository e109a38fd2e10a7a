"""axe-core in a page: WCAG 2.0 to 2.2, levels A and AA, and best practice."""

from typing import Any

from playwright.sync_api import Page

RUN = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}
SUMMARY = """
async options => (await axe.run(document, options)).violations.flatMap(
    rule => rule.nodes.map(node => `${rule.id}: ${node.target.flat(9).join(" ")} ${node.failureSummary.slice(0, 200)}`))
"""


def findings(page: Page, axe: str) -> list[str]:
    """What axe finds wrong.

    axe runs in a world of its own, where the page's policy does not reach it and which the page does not see.

    Args:
        page: as it is to be checked.
        axe: source of axe-core.
    """
    session = page.context.new_cdp_session(page)
    frame = session.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = session.send("Page.createIsolatedWorld", {"frameId": frame, "worldName": "axe"})["executionContextId"]
    session.send("Runtime.evaluate", {"expression": axe, "contextId": world})
    result: dict[str, Any] = session.send(
        "Runtime.callFunctionOn",
        {
            "functionDeclaration": SUMMARY,
            "executionContextId": world,
            "arguments": [{"value": RUN}],
            "awaitPromise": True,
            "returnByValue": True,
        },
    )
    session.detach()
    if "exceptionDetails" in result:
        raise RuntimeError(str(result["exceptionDetails"])[:500])
    return list(result["result"]["value"])
