/** Which links may be made, and how they open. */

/**
 * A URL that may be clickable: http, https, mailto or tel, nobody before the host, no space or invisible character.
 *
 * @param text - as an answer gives it.
 * @returns the same text, or null when it must stay text.
 */
export function allowedLink(text: string): string | null {
  if (/[\s\\<>"\p{C}]/u.test(text)) return null;
  if (/^(?:mailto|tel):[^/]/i.test(text)) return text;
  const authority = /^https?:\/\/([^/?#]+)/i.exec(text)?.[1];
  if (authority === undefined || authority.includes("@") || !URL.canParse(text)) return null;
  return new URL(text).hostname ? text : null;
}

/** Where a link leads, for a page of `host` whose own sites are `own`. */
export type Place = "here" | "new";

/**
 * Links of the page's own sites, mail and phone open here; others in a new window.
 *
 * @param href - an allowed link.
 * @param own - host names of the site; each also stands for its subdomains.
 */
export function placeOf(href: string, own: readonly string[]): Place {
  const url = new URL(href);
  if (url.protocol !== "http:" && url.protocol !== "https:") return "here";
  return own.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`)) ? "here" : "new";
}

/** Whether a link leads to a PDF file. */
export function isPdf(href: string): boolean {
  return /^https?:/i.test(href) && new URL(href).pathname.toLowerCase().endsWith(".pdf");
}
