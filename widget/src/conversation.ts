/** The conversation behind the panel: what was said, what waits, what failed. It draws nothing. */
import { ask, erase, Failure, giveOpinion } from "./protocol.js";
import { forget, IDLE, newSession, randomId, recall, remember } from "./session.js";
import type { BotEntry, Button, Session, UserEntry } from "./session.js";
import { fill, texts } from "./texts.js";

/** Longest question, in characters. */
export const MAX = 500;
/** Milliseconds after which a wait is said to be long. */
const SLOW = 4_000;

/** Who shows the conversation. */
export interface Shown {
  /** Address of the assistant, ending with a slash. */
  base(): string;
  /** Something changed. */
  draw(): void;
  /** What was said last comes into sight. */
  scrollDown(): void;
  /** The conversation was forgotten because nobody came back. */
  left(): void;
}

export class Conversation {
  session: Session | null = null;
  busy = false;
  /** For the regions that are announced. */
  alert = "";
  status = "";
  /** Id of the answer of which it is asked why it does not help. */
  reasonFor = "";
  /** Id of a conversation that the assistant did not confirm to have erased. */
  eraseAgain = "";
  readonly #shown: Shown;
  #failure: Failure | null = null;
  #idle = 0;

  constructor(shown: Shown) {
    this.#shown = shown;
  }

  /** Take up what this tab remembers. */
  start(): void {
    this.session = recall();
    addEventListener("offline", this.#wentOffline);
    addEventListener("online", this.#wentOnline);
    this.#watchIdle();
  }

  stop(): void {
    removeEventListener("offline", this.#wentOffline);
    removeEventListener("online", this.#wentOnline);
    clearTimeout(this.#idle);
  }

  get isOpen(): boolean {
    return this.session?.open === true;
  }

  set isOpen(open: boolean) {
    if (open) this.session ??= newSession();
    if (this.session) this.session.open = open;
    this.#keep();
  }

  get draft(): string {
    return this.session?.draft ?? "";
  }

  set draft(text: string) {
    if (this.session) this.session.draft = text;
    this.#keep();
  }

  /** The message that has no answer yet. */
  get waiting(): UserEntry | null {
    const last = this.session?.entries.at(-1);
    return last?.who === "user" ? last : null;
  }

  // Talking

  /** Send the draft, when it can be sent. */
  submit(): void {
    const said = this.draft.trim();
    const count = said.length.toLocaleString("fr-BE");
    this.alert = !said ? texts.empty : said.length > MAX ? fill(texts.tooLong, { count, limit: MAX }) : "";
    if (!this.alert && this.busy) this.status = texts.wait;
    this.#shown.draw();
    if (this.alert || this.busy) return;
    this.draft = "";
    this.#say(said, said);
  }

  /** Send a button's payload; its title is what was said. */
  choose({ title, payload }: Button): void {
    if (!this.busy && payload !== undefined) this.#say(title, payload);
  }

  #say(shown: string, sent: string): void {
    this.session?.entries.push({ who: "user", id: randomId(), shown, sent });
    void this.send();
  }

  /** Send the message that waits, with the id that it has. */
  async send(): Promise<void> {
    const [session, message] = [this.session, this.waiting];
    if (!session || !message || this.busy) return;
    this.busy = true;
    this.#failure = null;
    this.alert = this.reasonFor = "";
    this.status = texts.busy;
    this.#keep();
    this.#shown.scrollDown();
    const slow = setTimeout(() => {
      this.status = texts.slow;
      this.#shown.draw();
    }, SLOW);
    try {
      const items = await ask(this.#shown.base(), session.id, message.sent, message.id);
      session.entries.push({ who: "bot", id: message.id, items });
    } catch (error) {
      if (this.session === session) this.#fail(error);
    } finally {
      clearTimeout(slow);
    }
    if (this.session !== session) return; // erased while it was waiting
    this.busy = false;
    this.status = "";
    this.#keep();
    this.#shown.scrollDown();
  }

  #fail(error: unknown): void {
    this.#failure = error instanceof Failure ? error : new Failure("server");
    const { cause, said, seconds } = this.#failure;
    this.alert = (cause === "refused" && said) || fill(texts[cause], { seconds });
    if (cause !== "refused" || !this.session) return;
    // A message that cannot be read is not sent again: its words go back to the field.
    const entry = this.session.entries.pop();
    if (entry?.who === "user" && !this.session.draft) this.session.draft = entry.shown;
  }

  #wentOffline = (): void => {
    if (!this.isOpen || this.busy) return;
    this.alert = texts.offline;
    this.#shown.draw();
  };

  #wentOnline = (): void => {
    if (this.#failure?.cause !== "offline" && this.alert !== texts.offline) return;
    this.alert = "";
    this.status = texts.online;
    this.#shown.draw();
  };

  // Opinion and erasure

  /** Tell whether an answer helps; of one that does not, it is then asked why. */
  async opinion(entry: BotEntry, helpful: boolean, reason?: string): Promise<void> {
    if (!this.session) return;
    entry.opinion = helpful ? "yes" : "no";
    this.reasonFor = helpful || reason !== undefined ? "" : entry.id;
    this.status = this.reasonFor ? "" : texts.thanks;
    this.#keep();
    try {
      await giveOpinion(this.#shown.base(), this.session.id, entry.id, helpful, reason?.slice(0, MAX));
    } catch {
      this.status = texts.notSaved;
      this.#shown.draw();
    }
  }

  /** Forget everything here at once, and on the server. */
  async erase(): Promise<void> {
    if (!this.session) return;
    const { id, entries } = this.session;
    this.#drop();
    this.session = newSession();
    this.status = texts.erased;
    this.#shown.draw();
    if (entries.length) await this.eraseOnServer(id); // else the assistant knows nothing of it
  }

  async eraseOnServer(id: string): Promise<void> {
    try {
      await erase(this.#shown.base(), id);
      [this.eraseAgain, this.alert, this.status] = ["", "", texts.erased];
    } catch {
      [this.eraseAgain, this.alert, this.status] = [id, texts.erasedHere, ""];
    }
    this.#shown.draw();
  }

  #drop(): void {
    forget();
    this.session = this.#failure = null;
    this.busy = false;
    this.alert = this.status = this.reasonFor = this.eraseAgain = "";
  }

  #keep(): void {
    if (!this.session) return;
    this.session.at = Date.now();
    remember(this.session);
    this.#watchIdle();
    this.#shown.draw();
  }

  /** After 30 idle minutes the tab forgets: the computer may be shared. */
  #watchIdle(): void {
    clearTimeout(this.#idle);
    if (!this.session) return;
    this.#idle = setTimeout(() => {
      this.#drop();
      this.#shown.left();
    }, IDLE);
  }
}
