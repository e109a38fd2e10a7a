/**
 * The closed subset of an answer's text: paragraphs, lists, bold, links. Everything else is text.
 * `api/answer_text.py` is the same in Python; tests/data/answer_text.yml holds both.
 */
import { allowedLink } from "./links.js";

export interface Inline {
  text: string;
  bold?: true;
  href?: string;
}

export interface Block {
  kind: "paragraph" | "bullets" | "numbers";
  /** Lines: one for a paragraph, one per item for a list. */
  lines: Inline[][];
}

const BULLET = /^\s*[-•]\s+(\S.*)$/;
const NUMBER = /^\s*\d{1,2}[.)]\s+(\S.*)$/;
const TOKEN = new RegExp(
  [
    String.raw`\[([^[\]\n]{1,200})\]\(([^\s()]{1,2000})\)`, // 1, 2: [title](link)
    String.raw`\*\*(?=\S)([^*\n]{1,500})(?<=\S)\*\*`, // 3: **bold**
    String.raw`([A-Za-z][A-Za-z0-9+.-]{0,20}:\/\/[^\s<>"]{1,2000})`, // 4: an address with its scheme
    String.raw`(?<![\p{L}\p{N}_.%+@:/-])([A-Za-z0-9_.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})(?![\p{L}\p{N}_@])`, // 5: mail
    String.raw`(?<![\p{L}\p{N}_+])(\+\d{2}[\d ()./-]{6,20}\d)(?!\d)`, // 6: phone
  ].join("|"),
  "gu",
);

/** The blocks of a text. */
export function parseAnswer(text: string): Block[] {
  const blocks: Block[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (!line.trim()) continue;
    const item = BULLET.exec(line) ?? NUMBER.exec(line);
    const kind = !item ? "paragraph" : BULLET.test(line) ? "bullets" : "numbers";
    const last = blocks.at(-1);
    const inlines = parseLine(item?.[1] ?? line);
    if (last && kind !== "paragraph" && last.kind === kind) last.lines.push(inlines);
    else blocks.push({ kind, lines: [inlines] });
  }
  return blocks;
}

/** The pieces of a line, with the unbreakable spaces of French punctuation. */
export function parseLine(written: string): Inline[] {
  const line = written.replace(/ (?=[:;!?»%])/g, "\u00a0").replace(/« /g, "«\u00a0");
  const found: Inline[] = [];
  let end = 0;
  for (const match of line.matchAll(TOKEN)) {
    const inline = read(match);
    if (!inline) continue;
    if (match.index > end) found.push({ text: line.slice(end, match.index) });
    found.push(inline);
    end = match.index + inline.taken;
  }
  if (end < line.length) found.push({ text: line.slice(end) });
  return found.map(({ text, bold, href }) => ({ text, ...(bold && { bold }), ...(href && { href }) }));
}

function read(match: RegExpMatchArray): (Inline & { taken: number }) | null {
  const [whole, title, target, bold, url, mail, phone] = match;
  const taken = whole.length;
  if (title !== undefined && target !== undefined) {
    const href = allowedLink(target);
    // A title that looks like another address is a trick: it stays text.
    return href && (title === target || !/:\/\/|@|www\./i.test(title)) ? { text: title, href, taken } : null;
  }
  if (bold !== undefined) return { text: bold, bold: true, taken };
  if (url !== undefined) {
    const clean = withoutEnding(url);
    const href = allowedLink(clean);
    return href ? { text: clean, href, taken: clean.length } : null;
  }
  if (mail !== undefined) return isPlaceholder(mail) ? null : { text: mail, href: `mailto:${mail}`, taken };
  return phone === undefined ? null : { text: phone, href: `tel:${phone.replace("(0)", "").replace(/[^\d+]/g, "")}`, taken };
}

/** An address without the punctuation of the sentence around it. */
function withoutEnding(url: string): string {
  const clean = url.replace(/[.,;:!?…»”’'*\]]+$/u, "");
  return clean.endsWith(")") && !clean.includes("(") ? withoutEnding(clean.slice(0, -1)) : clean;
}

/** « ecXXXXXX@… » is a model of an address, and « www.…@… » the page's misprinted webmail: neither is anyone's mailbox. */
function isPlaceholder(mail: string): boolean {
  return /^www\./i.test(mail) || /X{3}/.test(mail);
}
