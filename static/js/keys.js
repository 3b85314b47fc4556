// Keyboard of the board. Single keys work only while nothing is being typed and no dialog is open.
//   /  the field [data-find]        ?  the dialog [data-help]        any letter  the link or button with data-key="n"
//   arrows between visits: up and down in a chair, left and right to the next chair's nearest
//   data-key-m="address" on a visit: that letter, pressed on it, goes there

export function listenToKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key.startsWith("Arrow")) moveFocus(event);
    else if (act(event)) event.preventDefault();
  });
}

function isTyping(target) {
  return target.closest?.("input, textarea, select, [contenteditable]") !== null;
}

function act(event) {
  if (event.key === "/") return focusOn(document.querySelector("[data-find]"));
  if (event.key === "?") return openHelp();
  if (!/^[a-z]$/.test(event.key)) return false;
  const address = document.activeElement?.getAttribute(`data-key-${event.key}`);
  if (address) location.assign(address);
  else document.querySelector(`[data-key="${event.key}"]`)?.click();
  return true;
}

function focusOn(element) {
  element?.focus();
  element?.select?.();
  return Boolean(element);
}

function openHelp() {
  const help = document.querySelector("dialog[data-help]");
  help?.showModal();
  return Boolean(help);
}

function moveFocus(event) {
  const from = document.activeElement?.closest?.("a[data-visit]");
  const visits = [...document.querySelectorAll("a[data-visit]")];
  if (!visits.length || (!from && !document.activeElement?.closest("[data-board], body"))) return;
  const next = from ? neighbour(from, visits, event.key) : null;
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function neighbour(from, visits, key) {
  const lanes = [...document.querySelectorAll(".board-lane")];
  const here = from.closest(".board-lane");
  const inLane = (lane) => visits.filter((visit) => visit.closest(".board-lane") === lane).sort((a, b) => topOf(a) - topOf(b));
  if (key === "ArrowDown" || key === "ArrowUp") {
    const own = inLane(here);
    return own[own.indexOf(from) + (key === "ArrowDown" ? 1 : -1)];
  }
  const step = key === "ArrowRight" ? 1 : -1;
  for (let at = lanes.indexOf(here) + step; at >= 0 && at < lanes.length; at += step) {
    const nearest = inLane(lanes[at]).sort((a, b) => Math.abs(topOf(a) - topOf(from)) - Math.abs(topOf(b) - topOf(from)))[0];
    if (nearest) return nearest;
  }
  return null;
}

function topOf(element) {
  return element.getBoundingClientRect().top;
}
