// The buttons and their keys. What comes of a press is told by events, as for everybody.

import { byId } from "./dom.js";

export async function ask(name, given = {}) {
  const answer = await fetch(`do/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(given),
  });
  return answer.headers.get("Content-Type")?.includes("json") ? answer.json() : {};
}

// Whether a key is for the field or the dialog that has the focus.
export function isTaken(event) {
  const field = event.target.closest?.("input[type=text]");
  return event.ctrlKey || event.metaKey || event.altKey || field || byId("confirm")?.open;
}

export class Buttons {
  constructor() {
    this.title = byId("title");
    this.command = byId("command");
    this.dialog = byId("confirm");
    this.buttons = [...document.querySelectorAll("[data-action]")];
    for (const button of this.buttons) {
      button.addEventListener("click", () => this.press(button.dataset.action));
    }
    byId("keep").addEventListener("click", () => this.dialog.close());
    byId("really").addEventListener("click", () => {
      this.dialog.close();
      this.#send("delete_database", { confirmed: true });
    });
    this.title.addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.press("create");
      if (event.key === "Enter" || event.key === "Escape") this.title.blur();
    });
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  press(name) {
    if (name === "delete_database") {
      this.dialog.showModal();
      byId("keep").focus();
    } else if (name === "create") {
      this.#send(name, { title: this.title.value });
      this.title.value = "";
    } else {
      this.#send(name, {});
    }
  }

  // Show the command of a press, whoever pressed.
  did(event) {
    this.command.textContent = `$ ${event.command}`;
  }

  disable() {
    for (const button of this.buttons) button.disabled = true;
  }

  async #send(name, given) {
    try {
      const { command, said } = await ask(name, given);
      const shown = this.command.textContent;
      // Where something else was asked meanwhile, that stands there, and this in the log.
      if (!command) this.command.textContent = said ?? shown;
      else if (shown === `$ ${command}`) this.command.textContent = `${shown}  →  ${said}`;
    } catch {
      this.command.textContent = "The lab does not answer. Has `lab serve` ended?";
    }
  }

  #key(event) {
    if (isTaken(event) || event.repeat) return;
    const key = event.key.toLowerCase();
    const button = this.buttons.find((each) => each.dataset.key === key);
    if (button) this.press(button.dataset.action);
    if (key === "t") {
      event.preventDefault();
      this.title.focus();
    }
  }
}
