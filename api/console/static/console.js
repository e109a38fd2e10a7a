// What the console's screens need besides htmx: errors of the network are said, a changed fragment is announced.
"use strict";

const alerts = () => document.getElementById("alertes");

function say(sentence) {
  const line = document.createElement("p");
  line.className = "error";
  line.textContent = sentence;
  alerts().replaceChildren(line);
}

document.addEventListener("htmx:sendError", () => say(document.body.dataset.networkError));
document.addEventListener("htmx:timeout", () => say(document.body.dataset.networkError));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect") === null) say(document.body.dataset.networkError);
});
document.addEventListener("htmx:beforeRequest", () => alerts().replaceChildren());
