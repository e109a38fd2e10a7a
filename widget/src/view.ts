/** How messages look: Lit templates, whose values are always text. */
import { html, nothing, type TemplateResult } from "lit";
import { parseAnswer, type Inline } from "./answer-text.js";
import { allowedLink, isPdf, placeOf } from "./links.js";
import type { BotEntry, Button, Item, UserEntry } from "./session.js";
import { examples, texts } from "./texts.js";

/** At most so many buttons at once; the others behind « Autres choix ». */
export const CHOICES = 5;
/** The question whose buttons stay usable: one may find out later whether one is in MODE. */
const MODE_QUESTION = "utter_ask_connu_mode";

export function anchor(href: string, title: string, own: readonly string[], part: "link" | "action" = "link"): TemplateResult {
  const file = isPdf(href) && !/pdf/i.test(title) ? ` ${texts.pdf}` : "";
  return placeOf(href, own) === "here"
    ? html`<a class=${part} href=${href}>${title}${file}</a>`
    : html`<a class=${part} href=${href} target="_blank" rel="noopener noreferrer">${title}${file} ${texts.newWindow}</a>`;
}

/**
 * What is said before the first message.
 *
 * @param started - whether something was said; the examples are then gone.
 * @param privacy - the site's page about privacy.
 */
export function introduction(
  started: boolean,
  privacy: string | null,
  own: readonly string[],
  choose: (button: Button) => void,
): TemplateResult {
  const first = html`<p class="examples" id="examples">${texts.examples}</p>
    <ul class="choices" aria-labelledby="examples">
      ${examples.map((each) => html`<li>${choice(each, true, choose)}</li>`)}
    </ul>`;
  return html`<div class="intro" id="intro">
      <p>${texts.intro}</p>
      <p>${texts.privacy} ${privacy ? anchor(privacy, texts.privacyLink, own) : nothing}</p>
    </div>
    ${started ? nothing : first}`;
}

/** The human contact, always in sight; `page` is the site's own. */
export function help(page: string | null, own: readonly string[]): TemplateResult {
  return html`<p class="help">
    ${texts.contact} ${anchor(texts.contactTel, texts.contactPhone, own)} ${texts.contactOr}
    ${anchor(`mailto:${texts.contactMail}`, texts.contactMail, own)}${page ? html`, ${anchor(page, texts.contactPage, own)}` : nothing}.
  </p>`;
}

function line(inlines: Inline[], own: readonly string[]): unknown[] {
  return inlines.map(({ text, bold, href }) => (href ? anchor(href, text, own) : bold ? html`<strong>${text}</strong>` : text));
}

/** An answer's text: paragraphs and lists. */
export function answerText(text: string, own: readonly string[]): unknown[] {
  return parseAnswer(text).map(({ kind, lines }) => {
    const items = lines.map((each) => line(each, own));
    if (kind === "paragraph") return html`<p>${items[0]}</p>`;
    const list = items.map((each) => html`<li>${each}</li>`);
    return kind === "bullets" ? html`<ul>${list}</ul>` : html`<ol>${list}</ol>`;
  });
}

export function userMessage({ shown }: UserEntry, unsent: boolean): TemplateResult {
  return html`<div class="message user">
    <p class="who">${texts.you}</p>
    <p class="said" dir="auto">${shown}</p>
    ${unsent ? html`<p class="unsent">${texts.unsent}</p>` : nothing}
  </div>`;
}

export interface BotView {
  own: readonly string[];
  /** Whether the assistant's last word: its buttons answer it. */
  last: boolean;
  /** Whether all buttons are shown. */
  whole: boolean;
  choose: (button: Button) => void;
  showAll: () => void;
}

export function botMessage(entry: BotEntry, view: BotView): TemplateResult {
  return html`<div class="message bot">
    <p class="who">${texts.assistant}</p>
    ${entry.items.length ? entry.items.map((item) => botItem(item, view)) : html`<p>${texts.nothing}</p>`}
  </div>`;
}

function botItem(item: Item, view: BotView): unknown {
  const image = item.image ? allowedLink(item.image) : null;
  return html`${item.text ? answerText(item.text, view.own) : nothing}
  ${image ? html`<p>${anchor(image, texts.image, view.own)}</p>` : nothing}
  ${item.buttons ? buttons(item.buttons, view.last || item.response === MODE_QUESTION, view) : nothing}`;
}

function buttons(all: Button[], usable: boolean, view: BotView): TemplateResult {
  const folded = all.length > CHOICES && !view.whole && usable;
  const shown = folded ? all.slice(0, CHOICES - 1) : all;
  return html`<ul class="choices" aria-label=${texts.choices}>
    ${shown.map((each) => html`<li>${choice(each, usable, view.choose, view.own)}</li>`)}
    ${folded ? html`<li><button type="button" class="choice more" @click=${view.showAll}>${texts.more}</button></li>` : nothing}
  </ul>`;
}

function choice(button: Button, usable: boolean, choose: (button: Button) => void, own: readonly string[] = []): unknown {
  if (button.url === undefined) {
    return html`<button type="button" class="choice" ?disabled=${!usable} @click=${() => choose(button)}>${button.title}</button>`;
  }
  const href = allowedLink(button.url);
  return href ? anchor(href, button.title, own, "action") : html`<span>${button.title} : ${button.url}</span>`;
}

/** Whether an answer is a question back or a courtesy, of which nobody says whether it helps. */
export function isAnswer(entry: BotEntry): boolean {
  const asks = entry.items.some(({ buttons: all }) => all && all.filter(({ url }) => url === undefined).length > 1);
  const courtesy = /^utter_(salutation|au_revoir|remerciement|robot|aide|affirmation|negation|bien_recu|abandon|ask_.*|restart)$/;
  return entry.items.length > 0 && !asks && !entry.items.every(({ response }) => response && courtesy.test(response));
}
