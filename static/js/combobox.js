// A text field with a list, after the ARIA combobox pattern. What is typed always counts, listed or not.
// The list comes from the field's datalist or, fetched once, from data-source: nothing typed leaves the page.

import { NameIndex } from "./spelling.js";

const SHOWN = 12;
const ENOUGH = 3; // fewer names that hold what was typed: it may be misspelled

export function enhanceComboboxes(root = document) {
  root.querySelectorAll("[data-combobox]").forEach((box) => new Combobox(box));
}

function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

class Combobox {
  constructor(box) {
    this.input = box.querySelector("input");
    this.options = this.optionsOf(box);
    this.list = document.createElement("ul");
    this.list.className = "options";
    this.list.id = `${this.input.id}-options`;
    this.list.hidden = true;
    this.count = document.createElement("span");
    this.count.className = "hidden";
    this.count.setAttribute("role", "status");
    box.append(this.list, this.count);
    this.active = -1;
    this.describe();
    this.listen();
  }

  optionsOf(box) {
    const datalist = box.querySelector("datalist");
    this.loading = box.dataset.source;
    const options = [...datalist.options].map((option) => prepared(option.value, option.label));
    datalist.remove();
    return options;
  }

  describe() {
    const label = document.querySelector(`label[for="${this.input.id}"]`);
    const attributes = { role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": this.list.id };
    Object.entries(attributes).forEach(([name, value]) => this.input.setAttribute(name, value));
    this.input.removeAttribute("list");
    this.list.setAttribute("role", "listbox");
    if (label) this.list.setAttribute("aria-label", label.textContent.trim());
  }

  listen() {
    this.input.addEventListener("focus", () => this.load());
    this.input.addEventListener("input", () => this.update());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("blur", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault()); // the field keeps the focus
    this.list.addEventListener("click", (event) => this.choose(event.target.closest("li")));
  }

  async load() {
    if (!this.loading) return;
    const source = this.loading;
    this.loading = null;
    try {
      const answer = await fetch(source);
      if (!answer.ok) throw new Error("no list");
      this.options = (await answer.json()).map((row) => (Array.isArray(row) ? prepared(...row) : prepared(row)));
      if (document.activeElement === this.input && this.input.value) this.update();
    } catch {
      this.loading = source; // tried again at the next focus; meanwhile it is a plain field
    }
  }

  matches() {
    const wanted = fold(this.input.value.trim());
    if (!wanted) return [];
    const ranked = [];
    for (const option of this.options) {
      const rank = rankOf(option, wanted);
      if (rank < 3) ranked.push([rank, option]);
    }
    const found = ranked.sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
    if (found.length < ENOUGH) found.push(...this.misspelled(wanted));
    return withLookAlikes([...new Set(found)].slice(0, SHOWN), this.options).slice(0, SHOWN);
  }

  misspelled(wanted) {
    if (this.indexed !== this.options) {
      this.indexed = this.options;
      this.index = new NameIndex(this.options.map((option) => option.value));
    }
    return this.index.near(wanted).map((place) => this.options[place]);
  }

  update() {
    const kept = this.list.children[this.active]?.dataset.value; // a list that arrives late moves nobody's choice
    const found = this.matches();
    this.list.replaceChildren(...found.map((option, index) => this.row(option, index)));
    this.mark(kept ? found.findIndex((option) => option.value === kept) : -1);
    this.show(found.length > 0);
    this.count.textContent = found.length ? `${found.length} in the list` : "";
  }

  row({ value, note }, index) {
    const row = document.createElement("li");
    row.id = `${this.list.id}-${index}`;
    row.setAttribute("role", "option");
    row.dataset.value = value;
    row.append(value);
    if (note) {
      const extra = document.createElement("span");
      extra.className = "option-note";
      extra.textContent = note;
      row.append(" ", extra);
    }
    return row;
  }

  show(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
  }

  close() {
    this.mark(-1);
    this.show(false);
  }

  mark(index) {
    const rows = [...this.list.children];
    this.active = rows.length ? index : -1;
    rows.forEach((row, at) => row.setAttribute("aria-selected", String(at === this.active)));
    const row = rows[this.active];
    if (row) this.input.setAttribute("aria-activedescendant", row.id);
    else this.input.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  choose(row) {
    if (!row) return;
    this.input.value = row.dataset.value;
    this.close();
    this.input.focus();
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  press(event) {
    const last = this.list.children.length - 1;
    const open = !this.list.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) {
        this.update();
        this.mark(event.key === "ArrowDown" ? 0 : this.list.children.length - 1);
      } else if (event.key === "ArrowDown") this.mark(this.active >= last ? 0 : this.active + 1);
      else this.mark(this.active <= 0 ? last : this.active - 1);
    } else if (event.key === "Enter" && open && this.active >= 0) {
      event.preventDefault(); // takes the answer instead of sending the form
      this.choose(this.list.children[this.active]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      this.close();
    } else if (event.key === "Tab") this.close();
  }
}

function prepared(value, note = "", ...looksLike) {
  const extra = note === value ? "" : note;
  return { value, note: extra, looksLike, folded: fold(value), foldedNote: fold(extra) };
}

// A name that is taken for another never stands alone, and the person chooses.
function withLookAlikes(found, options) {
  const shown = new Set();
  for (const option of found) {
    shown.add(option);
    if (option.looksLike.length === 0 || shown.size > SHOWN) continue;
    const named = new Set(option.looksLike.map(fold));
    options.filter((other) => named.has(other.folded)).forEach((other) => shown.add(other));
  }
  return [...shown];
}

function rankOf(option, wanted) {
  if (option.folded.startsWith(wanted)) return 0;
  if (option.foldedNote.startsWith(wanted)) return 1;
  return option.folded.includes(wanted) || option.foldedNote.includes(wanted) ? 2 : 3;
}
