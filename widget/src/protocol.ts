/** What the widget asks of the assistant: Rasa's REST channel, an opinion, erasure. */
import type { Button, Item } from "./session.js";

export const LIMIT = 15_000;

/** Why there is no answer. */
export type Cause = "silent" | "server" | "unavailable" | "crowded" | "cut" | "offline" | "refused";

export class Failure extends Error {
  /**
   * @param cause - why.
   * @param said - the assistant's own French sentence, when it gave one.
   * @param seconds - how long to wait before trying again.
   */
  constructor(
    override readonly cause: Cause,
    readonly said = "",
    readonly seconds = 0,
  ) {
    super(cause);
  }
}

/**
 * Send a message and get what is answered.
 *
 * @param base - address of the assistant, ending with a slash.
 * @param sender - id of the conversation.
 * @param message - words or payload.
 * @param id - the message's id.
 * @throws Failure
 */
export async function ask(base: string, sender: string, message: string, id: string): Promise<Item[]> {
  const body = await request(base, "webhooks/rest/webhook", "POST", { sender, message, metadata: { message_id: id } });
  if (!Array.isArray(body)) throw new Failure("server");
  return body.map(item).filter((each) => each.text || each.buttons || each.image);
}

/** Tell whether an answer helped. @throws Failure */
export async function giveOpinion(base: string, sender: string, id: string, helpful: boolean, reason?: string): Promise<void> {
  await request(base, "w/feedback", "POST", { sender, message_id: id, helpful, ...(reason && { reason }) });
}

/** Erase a conversation on the server; the server answers so too for one that it does not know. @throws Failure */
export async function erase(base: string, sender: string): Promise<void> {
  await request(base, `w/conversations/${encodeURIComponent(sender)}`, "DELETE");
}

interface Answer {
  status: number;
  /** Seconds of `Retry-After`, 0 or NaN without. */
  wait: number;
  text: string;
}

async function request(base: string, path: string, method: string, body?: object): Promise<any> {
  if (!navigator.onLine) throw new Failure("offline");
  const controller = new AbortController();
  const late = setTimeout(() => controller.abort(), LIMIT);
  try {
    return await answered(await sent(new URL(path, base), method, controller.signal, body));
  } finally {
    clearTimeout(late);
  }
}

/** Where the first bytes of an answer are not all, the limit holds for the rest too: the body is read here. */
async function sent(url: URL, method: string, signal: AbortSignal, body?: object): Promise<Answer> {
  const init: RequestInit = { method, credentials: "omit", signal };
  if (body) Object.assign(init, { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } });
  try {
    const response = await fetch(url, init);
    return { status: response.status, wait: Number(response.headers.get("Retry-After")), text: await response.text() };
  } catch (error) {
    throw broken(error);
  }
}

function answered({ status, wait, text }: Answer): any {
  if (status === 429) throw new Failure("crowded", "", wait > 0 ? wait : 60);
  if (status === 503) throw new Failure("unavailable");
  const body = json(text);
  if (status < 300) return body;
  if (status >= 500) throw new Failure("server");
  throw new Failure("refused", typeof body?.message === "string" ? body.message : "");
}

function json(text: string): any {
  try {
    return JSON.parse(text || "null");
  } catch {
    return undefined;
  }
}

function broken(error: unknown): Failure {
  const late = error instanceof DOMException && (error.name === "AbortError");
  return new Failure(late ? "silent" : navigator.onLine ? "cut" : "offline");
}

function item(raw: any): Item {
  const found: Item = {};
  if (typeof raw?.text === "string" && raw.text.trim()) found.text = raw.text;
  if (typeof raw?.image === "string") found.image = raw.image;
  if (typeof raw?.metadata?.utter_action === "string") found.response = raw.metadata.utter_action;
  if (Array.isArray(raw?.buttons)) {
    const buttons = raw.buttons.flatMap(button);
    if (buttons.length) found.buttons = buttons;
  }
  return found;
}

function button(raw: any): Button[] {
  if (typeof raw?.title !== "string" || !raw.title) return [];
  if (typeof raw.url === "string") return [{ title: raw.title, url: raw.url }];
  return typeof raw.payload === "string" && raw.payload ? [{ title: raw.title, payload: raw.payload }] : [];
}
