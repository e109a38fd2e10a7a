"""Accounts: who may use the console, and how far."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.engine import Connection

from api.console import account_changes, pages, passwords
from api.console.access import agent_of, allow, visitor_of
from api.console.account_changes import change, find
from api.console.console import Console
from api.console.forms import Form, read_form
from api.console.names import MAX_NAME
from api.console.refusals import Refusal
from api.console.rights import Right, Role
from bot.storage import accounts, sessions
from bot.storage.accounts import Account


@dataclass(frozen=True, slots=True)
class Shown:
    """An account as the screens show it."""

    account: Account
    sessions: int
    """In use."""
    is_locked: bool


def router(console: Console) -> APIRouter:
    """The routes."""
    settings = console.settings
    routes = APIRouter(dependencies=[allow(settings, Right.ADMIN)])

    async def list_page(request: Request, status: int = 200, error: str = "", typed: Form | None = None) -> Response:
        agent = agent_of(request)
        now = agent.clock()

        def look(connection: Connection) -> list[Shown]:
            used = sessions.count(connection, now)
            return [_shown(account, used, now) for account in accounts.everyone(connection)]

        return pages.screen(
            request,
            "comptes.html",
            status,
            people=await agent.store.look(look),
            roles=list(Role),
            error=error,
            typed=typed or Form([]),
            least=passwords.LEAST_CHARS,
            most=passwords.MOST_CHARS,
            organisation=console.oidc is not None,
            break_glass=settings.console_break_glass or "",
        )

    async def account_page(request: Request, account_id: int, status: int = 200, error: str = "") -> Response:
        agent = agent_of(request)
        account, now = await find(agent, account_id), agent.clock()
        shown = _shown(account, await agent.store.look(lambda connection: sessions.count(connection, now)), now)
        least, most = passwords.LEAST_CHARS, passwords.MOST_CHARS
        return pages.screen(
            request,
            "un_compte.html",
            status,
            section="comptes",
            person=shown,
            roles=list(Role),
            error=error,
            least=least,
            most=most,
        )

    @routes.get("/comptes")
    async def show_all(request: Request) -> Response:
        """The list, and a form for a new one."""
        return await list_page(request)

    @routes.post("/comptes")
    async def create(request: Request) -> Response:
        """Make a local account."""
        form, agent, visitor = await read_form(request, settings), agent_of(request), visitor_of(request)
        name, role = form.get("nom"), _role(form)
        password = form.exact("mot_de_passe") or passwords.new_password()
        wrong = passwords.problem(password, name)
        if wrong is not None:
            return await list_page(request, 422, pages.password_problem(wrong), form)
        hashed, now, display = await passwords.make_hash(password), agent.clock(), form.get("nom_affiche")[:MAX_NAME]
        refused = await agent.store.run(
            lambda connection: account_changes.add_local(connection, visitor.name, name, display, role, hashed, now)
        )
        if refused is not None:
            return await list_page(request, 422, pages.texts()["noms"][refused].format(nom=name, most=MAX_NAME), form)
        if form.exact("mot_de_passe"):
            return pages.go(request, "comptes", fait="compte_cree")
        return _once(request, name, password)

    @routes.get("/comptes/{account_id:int}")
    async def show_one(request: Request, account_id: int) -> Response:
        """One account, and what can be done to it."""
        return await account_page(request, account_id)

    @routes.post("/comptes/{account_id:int}/role")
    async def change_role(request: Request, account_id: int) -> Response:
        """Give a local account another role; it counts from the next request on."""
        form, agent = await read_form(request, settings), agent_of(request)
        account, role = await find(agent, account_id), _role(form)
        _require_local(account)
        details = {"role": role.value, "before": account.role}
        await change(agent, visitor_of(request).name, account_id, "change_role", {"role": role.value}, details=details)
        return pages.go(request, f"comptes/{account_id}", fait="role_change")

    @routes.post("/comptes/{account_id:int}/mot-de-passe")
    async def reset_password(request: Request, account_id: int) -> Response:
        """Give a local account another password; its sessions end."""
        form, agent = await read_form(request, settings), agent_of(request)
        account = await find(agent, account_id)
        _require_local(account)
        password = form.exact("mot_de_passe") or passwords.new_password()
        wrong = passwords.problem(password, account.name)
        if wrong is not None:
            return await account_page(request, account_id, 422, pages.password_problem(wrong))
        values = {"password_hash": await passwords.make_hash(password), "failures": 0, "locked_until": 0.0}
        await change(agent, visitor_of(request).name, account_id, "reset_password", values, cut=True)
        if form.exact("mot_de_passe"):
            return pages.go(request, f"comptes/{account_id}", fait="mot_de_passe_remplace")
        return _once(request, account.name, password)

    def offer(path: str, work: Callable[[Request, int], Awaitable[None]], done: str) -> None:
        @routes.post(f"/comptes/{{account_id:int}}/{path}", name=path)
        async def do(request: Request, account_id: int) -> Response:
            await work(request, account_id)
            return pages.go(request, f"comptes/{account_id}", fait=done)

    async def disable(request: Request, account_id: int) -> None:
        actor = visitor_of(request).name
        await change(agent_of(request), actor, account_id, "disable_account", {"disabled": True}, cut=True)

    async def enable(request: Request, account_id: int) -> None:
        await change(agent_of(request), visitor_of(request).name, account_id, "enable_account", {"disabled": False})

    async def unlock(request: Request, account_id: int) -> None:
        values = {"failures": 0, "locked_until": 0.0}
        await change(agent_of(request), visitor_of(request).name, account_id, "unlock_account", values)

    async def cut(request: Request, account_id: int) -> None:
        await change(agent_of(request), visitor_of(request).name, account_id, "cut_sessions", {}, cut=True)

    offer("desactiver", disable, "compte_desactive")
    offer("activer", enable, "compte_active")
    offer("deverrouiller", unlock, "compte_deverrouille")
    offer("fermer-sessions", cut, "sessions_fermees")
    return routes


def _shown(account: Account, used: dict[int, int], now: float) -> Shown:
    return Shown(account, used.get(account.id, 0), account.locked_until > now)


def _role(form: Form) -> Role:
    try:
        return Role(form.get("role"))
    except ValueError as error:
        raise Refusal(400, "formulaire") from error


def _require_local(account: Account) -> None:
    if account.source != "local":
        raise Refusal(409, "compte_externe")


def _once(request: Request, name: str, password: str) -> Response:
    """The page that shows a password that we made: no other page and no table has it."""
    return pages.screen(request, "mot_de_passe.html", name=name, password=password)
