/** `<bma-chat>`: a link « Poser une question » that opens a conversation with the assistant. */
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { allowedLink } from "./links.js";
import { ask, erase, Failure, giveOpinion } from "./protocol.js";
import { forget, IDLE, newSession, randomId, recall, remember } from "./session.js";
import type { BotEntry, Button, Session, UserEntry } from "./session.js";
import { hostStyles, styles } from "./styles.js";
import { examples, fill, texts } from "./texts.js";
import { anchor, botMessage, isAnswer, userMessage } from "./view.js";

const MAX = 500;
const COUNTED_FROM = 400;
const SLOW = 4_000;
const SMALL = "(max-width: 30rem), (max-height: 26rem)";

export class BmaChat extends LitElement {
  static override styles = styles;
  static override properties = {
    endpoint: { type: String },
    page: { type: String },
    helpUrl: { type: String, attribute: "help-url" },
    privacyUrl: { type: String, attribute: "privacy-url" },
    ownHosts: { type: String, attribute: "own-hosts" },
  };

  /** Address of the assistant; by default, where this script comes from. */
  declare endpoint: string;
  /** Address of the assistant's page without JavaScript. */
  declare page: string;
  declare helpUrl: string;
  declare privacyUrl: string;
  /** Host names whose links open in the same window, besides the page's own. */
  declare ownHosts: string;

  private session: Session | null = null;
  private busy = false;
  private failure: Failure | null = null;
  private alertText = "";
  private statusText = "";
  private wholeChoices = "";
  private reasonFor = "";
  private quiet = true;
  private idle = 0;
  private readonly small = matchMedia(SMALL);

  constructor() {
    super();
    this.endpoint = this.page = this.helpUrl = this.privacyUrl = this.ownHosts = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.lang ||= "fr"; // the site's page may be in another language
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, hostStyles];
    this.small.addEventListener("change", this.redraw);
    addEventListener("offline", this.wentOffline);
    addEventListener("online", this.wentOnline);
    this.session = recall();
    if (this.session?.open) this.speakAfterDrawing();
    this.watchIdle();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== hostStyles);
    this.small.removeEventListener("change", this.redraw);
    removeEventListener("offline", this.wentOffline);
    removeEventListener("online", this.wentOnline);
    clearTimeout(this.idle);
  }

  private redraw = (): void => this.requestUpdate();

  private get base(): string {
    const given = this.endpoint && new URL(this.endpoint, document.baseURI).href;
    return given ? given.replace(/\/*$/, "/") : new URL("..", import.meta.url).href;
  }

  private get own(): string[] {
    return [location.hostname, ...this.ownHosts.split(/[\s,]+/).filter(Boolean)];
  }

  /** The message that waits for its answer. */
  private get waiting(): UserEntry | null {
    const last = this.session?.entries.at(-1);
    return last?.who === "user" ? last : null;
  }

  // Opening and closing

  private launch(event: MouseEvent | KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event instanceof KeyboardEvent && event.key !== " ") return;
    event.preventDefault();
    void this.openPanel();
  }

  /** Open the conversation; the question takes the focus. */
  async openPanel(): Promise<void> {
    this.session ??= newSession();
    this.session.open = true;
    this.keep();
    this.speakAfterDrawing();
    await this.updateComplete;
    this.field?.focus();
  }

  /** Close it; the launcher takes the focus. */
  async closePanel(): Promise<void> {
    if (!this.session) return;
    this.session.open = false;
    this.keep();
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(".launcher")?.focus();
  }

  /** What is there already is not announced; what comes is. */
  private speakAfterDrawing(): void {
    this.quiet = true;
    void this.updateComplete.then(() => {
      this.scrollDown();
      setTimeout(() => {
        this.quiet = false;
        this.requestUpdate();
      }, 100);
    });
  }

  private keydown(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      void this.closePanel();
    } else if (event.key === "Tab" && this.small.matches) {
      // The panel covers the whole screen: the focus stays where it can be seen.
      const all = [...this.renderRoot.querySelectorAll<HTMLElement>(".panel :is(a, button, textarea, .log)")].filter(
        (each) => !each.matches(":disabled") && each.checkVisibility(),
      );
      const [first, last] = [all[0], all.at(-1)];
      const active = this.shadowRoot?.activeElement;
      if (active === (event.shiftKey ? first : last)) {
        event.preventDefault();
        (event.shiftKey ? last : first)?.focus();
      }
    }
  }

  // Talking

  private get field(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector("textarea");
  }

  private typed(): void {
    if (!this.session || !this.field) return;
    this.session.draft = this.field.value;
    this.keep();
  }

  private typedKey(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    this.submit();
  }

  private submit(event?: Event): void {
    event?.preventDefault();
    const said = this.session?.draft.trim() ?? "";
    this.alertText = said
      ? said.length > MAX
        ? fill(texts.tooLong, { count: said.length.toLocaleString("fr-BE"), limit: MAX })
        : ""
      : texts.empty;
    this.field?.focus();
    if (this.alertText || !this.session) return this.requestUpdate();
    if (this.busy) {
      this.statusText = texts.wait;
      return this.requestUpdate();
    }
    this.session.draft = "";
    this.say(said, said);
  }

  private choose({ title, payload }: Button): void {
    if (this.busy || payload === undefined) return;
    this.field?.focus();
    this.say(title, payload);
  }

  private say(shown: string, sent: string): void {
    if (!this.session) return;
    this.session.entries.push({ who: "user", id: randomId(), shown, sent });
    void this.send();
  }

  private retry(): void {
    this.field?.focus();
    if (!this.busy) void this.send();
  }

  /** Send the message that waits, with the id that it has. */
  private async send(): Promise<void> {
    const [session, message] = [this.session, this.waiting];
    if (!session || !message) return;
    this.busy = true;
    this.failure = null;
    this.alertText = "";
    this.statusText = texts.busy;
    this.reasonFor = "";
    this.keep();
    this.scrollDown();
    const slow = setTimeout(() => {
      this.statusText = texts.slow;
      this.requestUpdate();
    }, SLOW);
    try {
      const items = await ask(this.base, session.id, message.sent, message.id);
      session.entries.push({ who: "bot", id: message.id, items });
    } catch (error) {
      if (this.session === session) this.fail(error);
    } finally {
      clearTimeout(slow);
    }
    if (this.session !== session) return;
    this.busy = false;
    this.statusText = "";
    this.keep();
    this.scrollDown();
  }

  private fail(error: unknown): void {
    this.failure = error instanceof Failure ? error : new Failure("server");
    const { cause, said, seconds } = this.failure;
    this.alertText = (cause === "refused" && said) || fill(texts[cause], { seconds });
    if (cause !== "refused" || !this.session) return;
    // A message that cannot be read is not sent again: its words go back to the field.
    const entry = this.session.entries.pop();
    if (entry?.who === "user" && !this.session.draft) this.session.draft = entry.shown;
  }

  private wentOffline = (): void => {
    if (!this.session?.open || this.busy) return;
    this.alertText = texts.offline;
    this.requestUpdate();
  };

  private wentOnline = (): void => {
    if (this.failure?.cause !== "offline" && this.alertText !== texts.offline) return;
    this.alertText = "";
    this.statusText = texts.online;
    this.requestUpdate();
  };

  // Opinion and erasure

  private async opinion(entry: BotEntry, helpful: boolean, reason?: string): Promise<void> {
    const session = this.session;
    if (!session) return;
    entry.opinion = helpful ? "yes" : "no";
    this.reasonFor = helpful || reason !== undefined ? "" : entry.id;
    this.statusText = this.reasonFor ? "" : texts.thanks;
    this.keep();
    await this.updateComplete;
    (this.renderRoot.querySelector<HTMLElement>(".reason input") ?? this.field)?.focus();
    try {
      await giveOpinion(this.base, session.id, entry.id, helpful, reason);
    } catch {
      this.statusText = texts.notSaved;
      this.requestUpdate();
    }
  }

  private sendReason(event: Event, entry: BotEntry): void {
    event.preventDefault();
    const input = (event.target as HTMLElement).querySelector("input");
    void this.opinion(entry, false, input?.value.trim().slice(0, MAX) ?? "");
  }

  private async eraseAll(): Promise<void> {
    if (!this.session) return;
    const { id, entries } = this.session;
    this.drop();
    this.session = newSession();
    this.statusText = texts.erased;
    this.requestUpdate();
    await this.updateComplete;
    this.field?.focus();
    if (!entries.length) return; // nothing was sent, the assistant knows nothing
    try {
      await erase(this.base, id);
    } catch {
      this.statusText = "";
      this.alertText = texts.erasedHere;
      this.eraseAgain = id;
      this.requestUpdate();
    }
  }

  private eraseAgain = "";

  private async retryErase(): Promise<void> {
    const id = this.eraseAgain;
    this.field?.focus();
    try {
      await erase(this.base, id);
      this.eraseAgain = this.alertText = "";
      this.statusText = texts.erased;
    } catch {
      this.eraseAgain = id;
    }
    this.requestUpdate();
  }

  private drop(): void {
    forget();
    this.session = null;
    this.busy = false;
    this.failure = null;
    this.alertText = this.statusText = this.wholeChoices = this.reasonFor = this.eraseAgain = "";
  }

  // Keeping and drawing

  private keep(): void {
    if (!this.session) return;
    this.session.at = Date.now();
    remember(this.session);
    this.watchIdle();
    this.requestUpdate();
  }

  /** After 30 idle minutes the tab forgets: the computer may be shared. */
  private watchIdle(): void {
    clearTimeout(this.idle);
    if (!this.session) return;
    this.idle = setTimeout(() => {
      const focused = this.shadowRoot?.activeElement;
      this.drop();
      this.requestUpdate();
      if (focused) void this.updateComplete.then(() => this.renderRoot.querySelector<HTMLElement>(".launcher")?.focus());
    }, IDLE);
  }

  private scrollDown(): void {
    void this.updateComplete.then(() => {
      const scroller = this.renderRoot.querySelector(this.small.matches ? ".panel" : ".log-area");
      const head = this.small.matches ? (this.renderRoot.querySelector<HTMLElement>(".head")?.offsetHeight ?? 0) : 0;
      const last = [...this.renderRoot.querySelectorAll(".log > .user")].at(-1);
      if (!scroller || !last) return;
      // The question and the beginning of a long answer stay in sight.
      const top = last.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop - head - 8;
      scroller.scrollTop = this.waiting ? scroller.scrollHeight : Math.min(top, scroller.scrollHeight);
    });
  }

  protected override updated(_changed: PropertyValues): void {
    if (this.field && this.session && this.field.value !== this.session.draft) this.field.value = this.session.draft;
  }

  protected override render(): TemplateResult {
    const open = this.session?.open === true;
    return html`
      <a
        class="launcher"
        part="launcher"
        href=${this.page || new URL("assistant", this.base).href}
        role="button"
        aria-haspopup="dialog"
        aria-expanded=${open ? "true" : "false"}
        ?hidden=${open}
        @click=${this.launch}
        @keydown=${this.launch}
        >${texts.launcher}</a
      >
      ${open ? this.panel() : nothing}
    `;
  }

  private panel(): TemplateResult {
    return html`<div
      class="panel"
      part="panel"
      role="dialog"
      aria-modal=${this.small.matches ? "true" : "false"}
      aria-labelledby="title"
      aria-describedby="intro"
      @keydown=${this.keydown}
    >
      <div class="head">
        <h2 id="title">${texts.title}</h2>
        <button type="button" class="close" aria-label=${texts.close} title=${texts.close} @click=${this.closePanel}>
          <span aria-hidden="true">✕</span>
        </button>
      </div>
      <div class="log-area" tabindex="-1">${this.introduction()}${this.log()}</div>
      <div class="foot">
        <p class="status" role="status">${this.statusText}</p>
        <div role="alert" class="alert">${this.alertText ? html`<p>${this.alertText}</p>` : nothing}</div>
        ${this.retryButton()}${this.form()}${this.help()}
      </div>
    </div>`;
  }

  private introduction(): TemplateResult {
    const privacy = this.privacyUrl && allowedLink(new URL(this.privacyUrl, document.baseURI).href);
    const started = (this.session?.entries.length ?? 0) > 0;
    return html`<div class="intro" id="intro">
        <p>${texts.intro}</p>
        <p>${texts.privacy} ${privacy ? anchor(privacy, texts.privacyLink, this.own) : nothing}</p>
      </div>
      ${started
        ? nothing
        : html`<p class="examples" id="examples">${texts.examples}</p>
            <ul class="choices" aria-labelledby="examples">
              ${examples.map(
                (each) => html`<li>
                  <button type="button" class="choice" @click=${() => this.choose(each)}>${each.title}</button>
                </li>`,
              )}
            </ul>`}`;
  }

  private log(): TemplateResult {
    const entries = this.session?.entries ?? [];
    const last = entries.at(-1);
    return html`<div class="log" role="log" aria-label=${texts.conversation} aria-live=${this.quiet ? "off" : "polite"} tabindex="0">
        ${entries.map((entry, index) =>
          entry.who === "user"
            ? userMessage(entry, entries[index + 1]?.who !== "bot" && !(entry === last && this.busy))
            : botMessage(entry, {
                own: this.own,
                last: entry === last && !this.busy,
                whole: this.wholeChoices === entry.id,
                choose: (button) => this.choose(button),
                showAll: () => this.showAll(entry),
              }),
        )}
      </div>
      ${last?.who === "bot" && isAnswer(last) ? this.helpful(last) : nothing}`;
  }

  private async showAll(entry: BotEntry): Promise<void> {
    this.wholeChoices = entry.id;
    this.requestUpdate();
    await this.updateComplete;
    const all = this.renderRoot.querySelectorAll<HTMLElement>(".log > :last-child .choice");
    all[4]?.focus();
  }

  private helpful(entry: BotEntry): TemplateResult | typeof nothing {
    if (entry.opinion === undefined) {
      return html`<div class="opinion" role="group" aria-labelledby="helpful">
        <span id="helpful">${texts.helpful}</span>
        <span class="pair">
          <button type="button" class="small" @click=${() => this.opinion(entry, true)}>${texts.yes}</button>
          <button type="button" class="small" @click=${() => this.opinion(entry, false)}>${texts.no}</button>
        </span>
      </div>`;
    }
    if (this.reasonFor !== entry.id) return nothing;
    return html`<form class="opinion reason" @submit=${(event: Event) => this.sendReason(event, entry)}>
      <label for="reason">${texts.reason}</label>
      <input id="reason" maxlength=${MAX} autocomplete="off" />
      <button class="small">${texts.sendReason}</button>
    </form>`;
  }

  private retryButton(): TemplateResult | typeof nothing {
    if (this.eraseAgain) return html`<button type="button" class="retry" @click=${this.retryErase}>${texts.retry}</button>`;
    return this.waiting && !this.busy
      ? html`<button type="button" class="retry" @click=${this.retry}>${texts.retry}</button>`
      : nothing;
  }

  private form(): TemplateResult {
    const count = this.session?.draft.trim().length ?? 0;
    return html`<form class="ask" @submit=${this.submit} novalidate>
      <label for="question">${texts.label}</label>
      <div class="row">
        <textarea
          id="question"
          rows="2"
          autocomplete="off"
          aria-describedby="count"
          aria-invalid=${count > MAX ? "true" : "false"}
          @input=${this.typed}
          @keydown=${this.typedKey}
        ></textarea>
        <button class="send">${texts.send}</button>
      </div>
      <p class="count" id="count">${
        count >= COUNTED_FROM ? fill(texts.counter, { count: count.toLocaleString("fr-BE"), limit: MAX }) : nothing
      }</p>
    </form>`;
  }

  private help(): TemplateResult {
    const page = this.helpUrl && allowedLink(new URL(this.helpUrl, document.baseURI).href);
    return html`<p class="help">
        ${texts.contact} <a href="tel:+3228001010">${texts.contactPhone}</a> ${texts.contactOr}
        <a href="mailto:${texts.contactMail}">${texts.contactMail}</a
        >${page ? html`, ${anchor(page, texts.contactPage, this.own)}` : nothing}.
      </p>
      <button type="button" class="erase" @click=${this.eraseAll}>${texts.erase}</button>`;
  }
}

customElements.define("bma-chat", BmaChat);
