"use strict";
const names = new Map();
for (const each of document.querySelectorAll("[data-name]")) {
  names.set(each.dataset.name, each.textContent);
}
let hidden = false;
const nameOf = (number) => (hidden ? `Student ${number}` : names.get(number) ?? `Student ${number}`);
document.getElementById("hide").addEventListener("click", (event) => {
  hidden = !hidden;
  for (const each of document.querySelectorAll("[data-name]")) each.textContent = nameOf(each.dataset.name);
  event.target.textContent = hidden ? "Show names" : "Hide names";
  event.target.setAttribute("aria-pressed", String(hidden));
});
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th");
    const down = head.getAttribute("aria-sort") === "ascending";
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const body = head.closest("table").tBodies[0];
    const valueOf = (row) => row.cells[head.cellIndex].dataset.value ?? row.cells[head.cellIndex].textContent;
    const order = (a, b) => valueOf(a).localeCompare(valueOf(b), undefined, { numeric: true });
    body.append(...[...body.rows].sort((a, b) => (down ? order(b, a) : order(a, b))));
  });
}
const shown = document.getElementById("shown");
for (const strip of document.querySelectorAll(".strip")) {
  strip.addEventListener("pointermove", (event) => {
    const cell = event.target.closest("i");
    if (cell) shown.textContent = `${nameOf(cell.dataset.of)}: ${cell.className.replace("_", " ")}`;
  });
}
