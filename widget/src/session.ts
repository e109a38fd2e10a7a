/** The conversation as this tab remembers it: in sessionStorage, from the first opening, until 30 idle minutes. */

export interface Button {
  title: string;
  payload?: string;
  url?: string;
}

export interface Item {
  text?: string;
  buttons?: Button[];
  image?: string;
  /** Name of the response that it comes from. */
  response?: string;
}

export interface UserEntry {
  who: "user";
  /** The message's own id: when it is sent again it is answered once. */
  id: string;
  /** What is shown: the words, or the title of a button. */
  shown: string;
  /** What is sent: the words, or the payload of a button. */
  sent: string;
}

export interface BotEntry {
  who: "bot";
  /** Id of the message that it answers. */
  id: string;
  items: Item[];
  opinion?: "yes" | "no";
}

export type Entry = UserEntry | BotEntry;

export interface Session {
  /** Random id of the conversation, 122 bits and more. */
  id: string;
  open: boolean;
  /** When something last happened, in milliseconds since 1970. */
  at: number;
  draft: string;
  entries: Entry[];
}

export const KEY = "bma-chat";
export const IDLE = 30 * 60_000;
export const KEPT = 50;

/** A new random id: 192 bits, base64url. Works on plain http too, where crypto.randomUUID does not exist. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_");
}

export function newSession(): Session {
  return { id: randomId(), open: true, at: Date.now(), draft: "", entries: [] };
}

/** What this tab remembers; null when nothing, or when it is too old. */
export function recall(): Session | null {
  try {
    const found = JSON.parse(sessionStorage.getItem(KEY) ?? "null") as Session | null;
    if (found && Array.isArray(found.entries) && typeof found.id === "string" && Date.now() - found.at < IDLE) return found;
    if (found) forget();
  } catch {
    forget();
  }
  return null;
}

/** Remember, the last 50 messages at most. Where the browser refuses, the conversation lives as long as the page. */
export function remember(session: Session): void {
  session.entries = session.entries.slice(-KEPT);
  try {
    sessionStorage.setItem(KEY, JSON.stringify(session));
  } catch {
    return;
  }
}

export function forget(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    return;
  }
}
