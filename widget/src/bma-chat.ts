/** `<bma-chat>`: a link « Une question sur la BMA ? » that opens a conversation with the assistant. */
import { html, LitElement, nothing, type TemplateResult } from "lit";
import { Conversation, MAX } from "./conversation.js";
import { allowedLink } from "./links.js";
import type { BotEntry, Button } from "./session.js";
import { hostStyles, styles } from "./styles.js";
import { fill, texts } from "./texts.js";
import { botMessage, CHOICES, help, introduction, isAnswer, userMessage } from "./view.js";

/** Characters from which they are counted. */
const COUNTED = 0.8 * MAX;
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

  readonly #small = matchMedia(SMALL);
  /** Whether nothing is announced: what is there already must not be read again. */
  #quiet = true;
  /** Id of the answer of which all choices are shown. */
  #whole = "";
  readonly #talk = new Conversation({
    base: () => this.#base,
    draw: () => this.requestUpdate(),
    scrollDown: () => void this.updateComplete.then(() => this.#scrollDown()),
    left: () => this.#left(),
  });

  constructor() {
    super();
    this.endpoint = this.page = this.helpUrl = this.privacyUrl = this.ownHosts = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.lang ||= "fr"; // the site's page may be in another language
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, hostStyles];
    this.#small.addEventListener("change", this.#redraw);
    this.#talk.start();
    if (this.#talk.isOpen) this.#speakAfterDrawing();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== hostStyles);
    this.#small.removeEventListener("change", this.#redraw);
    this.#talk.stop();
  }

  #redraw = (): void => this.requestUpdate();

  get #base(): string {
    const given = this.endpoint && new URL(this.endpoint, document.baseURI).href;
    return given ? given.replace(/\/*$/, "/") : new URL("..", import.meta.url).href;
  }

  get #own(): string[] {
    return [location.hostname, ...this.ownHosts.split(/[\s,]+/).filter(Boolean)];
  }

  /** An address that the site gives, made whole; null when it may be no link. */
  #address(given: string): string | null {
    return given ? allowedLink(new URL(given, document.baseURI).href) : null;
  }

  #find(selector: string): HTMLElement | null {
    return this.renderRoot.querySelector<HTMLElement>(selector);
  }

  get #field(): HTMLTextAreaElement | null {
    return this.renderRoot.querySelector("textarea");
  }

  /** Move the focus, once what takes it is drawn. */
  async #focusOn(selector: string): Promise<void> {
    await this.updateComplete;
    this.#find(selector)?.focus();
  }

  // Opening and closing

  #launch(event: MouseEvent | KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event instanceof KeyboardEvent && event.key !== " ") return;
    event.preventDefault();
    this.#talk.isOpen = true;
    this.#speakAfterDrawing();
    void this.#focusOn("textarea");
  }

  #close(): void {
    this.#talk.isOpen = false;
    void this.#focusOn(".launcher");
  }

  #left(): void {
    const hadFocus = this.shadowRoot?.activeElement;
    this.requestUpdate();
    if (hadFocus) void this.#focusOn(".launcher");
  }

  #speakAfterDrawing(): void {
    this.#quiet = true;
    void this.updateComplete.then(() => {
      this.#scrollDown();
      setTimeout(() => {
        this.#quiet = false;
        this.requestUpdate();
      }, 100);
    });
  }

  #keydown(event: KeyboardEvent): void {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.#close();
    } else if (event.key === "Tab" && this.#small.matches) {
      // The panel covers the whole screen: the focus stays where it can be seen.
      const all = [...this.renderRoot.querySelectorAll<HTMLElement>(".panel :is(a, button, textarea, .log)")].filter(
        (each) => !each.matches(":disabled") && each.checkVisibility(),
      );
      const [first, last] = [all[0], all.at(-1)];
      if (this.shadowRoot?.activeElement !== (event.shiftKey ? first : last)) return;
      event.preventDefault();
      (event.shiftKey ? last : first)?.focus();
    }
  }

  /** The question and the beginning of a long answer stay in sight. */
  #scrollDown(): void {
    const scroller = this.#find(this.#small.matches ? ".panel" : ".log-area");
    const last = [...this.renderRoot.querySelectorAll(".log > .user")].at(-1);
    if (!scroller || !last) return;
    const head = this.#small.matches ? (this.#find(".head")?.offsetHeight ?? 0) : 0;
    const top = last.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop - head - 8;
    scroller.scrollTop = this.#talk.waiting ? scroller.scrollHeight : top;
  }

  // Acting

  #typed(): void {
    this.#talk.draft = this.#field?.value ?? "";
  }

  #typedKey(event: KeyboardEvent): void {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && event.keyCode !== 229) this.#submit(event);
  }

  #submit(event: Event): void {
    event.preventDefault();
    this.#field?.focus();
    this.#talk.submit();
  }

  #choose(button: Button): void {
    this.#field?.focus();
    this.#talk.choose(button);
  }

  #retry(): void {
    this.#field?.focus();
    void (this.#talk.eraseAgain ? this.#talk.eraseOnServer(this.#talk.eraseAgain) : this.#talk.send());
  }

  #erase(): void {
    void this.#talk.erase();
    void this.#focusOn("textarea");
  }

  #opinion(entry: BotEntry, helpful: boolean): void {
    void this.#talk.opinion(entry, helpful);
    void this.#focusOn(helpful ? "textarea" : "#reason");
  }

  #reason(event: Event, entry: BotEntry): void {
    event.preventDefault();
    void this.#talk.opinion(entry, false, this.renderRoot.querySelector<HTMLInputElement>("#reason")?.value.trim() ?? "");
    void this.#focusOn("textarea");
  }

  async #showAll(entry: BotEntry): Promise<void> {
    this.#whole = entry.id;
    this.requestUpdate();
    await this.updateComplete;
    const choices = this.renderRoot.querySelectorAll<HTMLElement>(".log > :last-child .choice");
    choices[CHOICES - 1]?.focus();
  }

  // Drawing

  protected override updated(): void {
    if (this.#field && this.#field.value !== this.#talk.draft) this.#field.value = this.#talk.draft;
  }

  protected override render(): TemplateResult {
    const open = this.#talk.isOpen;
    return html`
      <a
        class="launcher"
        part="launcher"
        href=${this.page || new URL("assistant", this.#base).href}
        role="button"
        aria-haspopup="dialog"
        aria-expanded=${open ? "true" : "false"}
        ?hidden=${open}
        @click=${this.#launch}
        @keydown=${this.#launch}
        >${texts.launcher}</a
      >
      ${open ? this.#panel() : nothing}
    `;
  }

  #panel(): TemplateResult {
    const { status, alert, session } = this.#talk;
    const started = session !== null && session.entries.length > 0;
    return html`<div
      class="panel"
      part="panel"
      role="dialog"
      aria-modal=${this.#small.matches ? "true" : "false"}
      aria-labelledby="title"
      aria-describedby="intro"
      @keydown=${this.#keydown}
    >
      <div class="head">
        <h2 id="title">${texts.title}</h2>
        <button type="button" class="close" aria-label=${texts.close} title=${texts.close} @click=${this.#close}>
          <span aria-hidden="true">✕</span>
        </button>
      </div>
      <div class="log-area" tabindex="-1">${introduction(started, this.#address(this.privacyUrl), this.#own, (each) => this.#choose(each))}${this.#log()}</div>
      <div class="foot">
        <p class="status" role="status">${status}</p>
        <div role="alert" class="alert">${alert ? html`<p>${alert}</p>` : nothing}</div>
        ${this.#retryButton()}${this.#form()}${help(this.#address(this.helpUrl), this.#own)}
        <button type="button" class="erase" @click=${this.#erase}>${texts.erase}</button>
      </div>
    </div>`;
  }

  #log(): TemplateResult {
    const { session, busy } = this.#talk;
    const entries = session?.entries ?? [];
    const last = entries.at(-1);
    return html`<div class="log" role="log" aria-label=${texts.conversation} aria-live=${this.#quiet ? "off" : "polite"} tabindex="0">
        ${entries.map((entry, index) =>
          entry.who === "user"
            ? userMessage(entry, entries[index + 1]?.who !== "bot" && !(entry === last && busy))
            : botMessage(entry, {
                own: this.#own,
                last: entry === last && !busy,
                whole: this.#whole === entry.id,
                choose: (button) => this.#choose(button),
                showAll: () => this.#showAll(entry),
              }),
        )}
      </div>
      ${last?.who === "bot" && isAnswer(last) ? this.#helpful(last) : nothing}`;
  }

  #helpful(entry: BotEntry): TemplateResult | typeof nothing {
    if (entry.opinion === undefined) {
      return html`<div class="opinion" role="group" aria-labelledby="helpful">
        <span id="helpful">${texts.helpful}</span>
        <span class="pair">
          <button type="button" class="small" @click=${() => this.#opinion(entry, true)}>${texts.yes}</button>
          <button type="button" class="small" @click=${() => this.#opinion(entry, false)}>${texts.no}</button>
        </span>
      </div>`;
    }
    if (this.#talk.reasonFor !== entry.id) return nothing;
    return html`<form class="opinion reason" @submit=${(event: Event) => this.#reason(event, entry)}>
      <label for="reason">${texts.reason}</label>
      <input id="reason" maxlength=${MAX} autocomplete="off" />
      <button class="small">${texts.sendReason}</button>
    </form>`;
  }

  #retryButton(): TemplateResult | typeof nothing {
    const { eraseAgain, waiting, busy } = this.#talk;
    if (!eraseAgain && (!waiting || busy)) return nothing;
    return html`<button type="button" class="retry" @click=${this.#retry}>${texts.retry}</button>`;
  }

  #form(): TemplateResult {
    const count = this.#talk.draft.trim().length;
    return html`<form class="ask" @submit=${this.#submit} novalidate>
      <label for="question">${texts.label}</label>
      <div class="row">
        <textarea
          id="question"
          rows="2"
          autocomplete="off"
          aria-describedby="count"
          aria-invalid=${count > MAX ? "true" : "false"}
          @input=${this.#typed}
          @keydown=${this.#typedKey}
        ></textarea>
        <button class="send">${texts.send}</button>
      </div>
      <p class="count" id="count">${
        count >= COUNTED ? fill(texts.counter, { count: count.toLocaleString("fr-BE"), limit: MAX }) : nothing
      }</p>
    </form>`;
  }
}

customElements.define("bma-chat", BmaChat);
