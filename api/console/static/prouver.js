// The threshold as a slider; what it shows is read from the table of all thresholds below it.
"use strict";

function slide() {
  const select = document.querySelector("#seuil-choix select");
  if (select === null) return;
  const rows = document.querySelectorAll("#seuils tbody tr");
  const range = document.createElement("input");
  Object.assign(range, { type: "range", id: select.id, min: 0, max: select.length - 1, step: 1 });
  range.value = select.selectedIndex;
  const show = () => {
    const option = select.options[range.value];
    range.setAttribute("aria-valuetext", option.text);
    document.getElementById("seuil-valeur").textContent = option.text;
    rows.forEach((row, number) => row.classList.toggle("changed", number === Number(range.value)));
    for (const cell of rows[range.value].querySelectorAll("[data-column]")) {
      for (const shown of document.querySelectorAll(`.meters [data-column="${cell.dataset.column}"]`)) {
        if (shown.tagName === "METER") shown.value = cell.dataset.share;
        else shown.textContent = cell.textContent;
      }
    }
  };
  document.querySelector("#seuil-choix button").remove();
  select.replaceWith(range);
  range.addEventListener("input", show);
  show();
}

slide();
