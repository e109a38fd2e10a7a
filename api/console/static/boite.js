// The inbox by keyboard: one letter an action, as the screen lists them. They can be switched off (WCAG 2.1.4).
"use strict";

const OFF = "bma-console-sans-raccourcis";
const list = document.getElementById("liste");
const panel = document.getElementById("groupe");
const switched = document.getElementById("touches");
const form = () => document.getElementById("jugement");
const button = (kind) => form()?.querySelector(`button[name="sorte"][value="${kind}"]`);
const opened = () => list?.querySelector('[aria-current="true"]');

function move(step) {
  const links = [...list.querySelectorAll("a")];
  const at = links.indexOf(opened());
  const next = links[Math.min(links.length - 1, Math.max(0, at + step))];
  if (next === undefined || next === opened()) return;
  next.focus();
  next.click();
}

// Marked at once, not when the answer is there: whoever presses a key twice goes two groups on.
list?.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (link !== null && !event.ctrlKey && !event.metaKey && !event.shiftKey) mark(link);
});

function mark(link) {
  for (const other of list.querySelectorAll("a")) other.removeAttribute("aria-current");
  link?.setAttribute("aria-current", "true");
}

const actions = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  b: () => form()?.sujet.focus(),
  n: () => form()?.nom.focus(),
  c: () => form()?.commentaire.focus(),
  h: () => button("out_of_scope")?.click(),
  t: () => button("wording")?.click(),
  i: () => button("ignore")?.click(),
};

function typing(target) {
  return target instanceof Element && target.closest('input:not([type="checkbox"]), select, textarea, summary') !== null;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || event.repeat || switched === null) return;
  if (event.key === "Enter" && event.target.dataset?.enter) {
    event.preventDefault();
    button(event.target.dataset.enter).click();
  } else if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    panel.querySelector("h2").focus();
  } else if (switched.checked && !typing(event.target) && event.key in actions) {
    if (event.key.startsWith("Arrow") && !list.contains(event.target)) return; // elsewhere arrows scroll
    event.preventDefault();
    actions[event.key]();
  }
});

// What a button needs first is asked for at once, not on a page of its own.
document.addEventListener("submit", (event) => {
  const kind = event.submitter?.value;
  if (event.target !== form() || event.submitter?.name !== "sorte") return;
  const needed = { intent: form().sujet, new_topic: form().nom }[kind];
  if (needed === undefined || needed.value.trim() !== "") return;
  event.preventDefault();
  say(kind === "intent" ? form().dataset.missingTopic : form().dataset.missingName);
  needed.focus();
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== panel) return;
  history.replaceState(null, "", event.detail.requestConfig.elt.href);
});

if (switched !== null) {
  switched.checked = localStorage.getItem(OFF) === null;
  switched.addEventListener("change", () => (switched.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
}
// After a decision one goes on where one was.
if (new URLSearchParams(location.search).has("fait")) (opened() ?? document.getElementById("contenu"))?.focus();
