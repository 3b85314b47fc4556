// Parts of a page that are fetched anew: a box that polls, a link that opens in a drawer.
// The only place that turns text into HTML; the policy's name stands in the header, and what it parses runs no script.

const EVERY = 20000;
const policy = window.trustedTypes?.createPolicy("intake", { createHTML: (text) => text });

export function parsed(text) {
  return new DOMParser().parseFromString(policy ? policy.createHTML(text) : text, "text/html");
}

// <div data-fragment-url="…"> is filled anew every 20 s while the page is in sight; 304 leaves it as it is.
// [data-refreshed] says when it was last up to date. The box fires "refreshed" after a change.
export function keepFresh(box) {
  const tick = async () => {
    if (!document.hidden) await refresh(box);
    setTimeout(tick, EVERY);
  };
  setTimeout(tick, EVERY);
  document.addEventListener("visibilitychange", () => document.hidden || refresh(box));
}

export async function refresh(box) {
  if (box.dataset.busy) return;
  box.dataset.busy = "yes";
  try {
    const headers = { "If-None-Match": box.dataset.etag ?? "", "X-Requested-With": "fetch" };
    const answer = await fetch(box.dataset.fragmentUrl, { headers, cache: "no-store" }); // so that this script sees the 304
    if (answer.redirected) return location.reload(); // signed out meanwhile: no name stays on the screen
    if (!answer.ok && answer.status !== 304) throw new Error("not refreshed");
    if (answer.status === 200) await replace(box, answer);
    tell(`up to date ${new Date().toLocaleTimeString([], { hour: "numeric", minute: "2-digit" }).toLowerCase()}`);
  } catch {
    tell("not up to date: no connection, trying again");
  } finally {
    delete box.dataset.busy;
  }
}

async function replace(box, answer) {
  const focused = box.contains(document.activeElement) ? document.activeElement.dataset.visit : null;
  const scroller = box.querySelector(".scroll");
  const place = scroller ? [scroller.scrollLeft, scroller.scrollTop] : null;
  box.replaceChildren(...parsed(await answer.text()).body.childNodes);
  box.dataset.etag = answer.headers.get("ETag") ?? "";
  if (place) box.querySelector(".scroll")?.scrollTo(...place);
  if (focused) box.querySelector(`[data-visit="${CSS.escape(focused)}"]`)?.focus();
  box.dispatchEvent(new CustomEvent("refreshed"));
}

function tell(text) {
  document.querySelectorAll("[data-refreshed]").forEach((place) => {
    place.textContent = text;
  });
}

// A link with data-drawer opens what its page says in <main> beside the board; forms in there are sent as on that page.
export function openDrawers(root = document) {
  root.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-drawer]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    openDrawer(link);
  });
}

export async function openDrawer(link) {
  try {
    const answer = await fetch(link.href, { headers: { "X-Requested-With": "fetch" } });
    const page = parsed(await answer.text());
    const main = page.querySelector("main");
    if (!answer.ok || answer.redirected || !main) throw new Error("no drawer");
    showDrawer([...main.childNodes], answer.url);
  } catch {
    location.assign(link.href); // the same thing as a page
  }
}

function showDrawer(nodes, url) {
  const drawer = document.createElement("dialog");
  drawer.className = "drawer";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button quiet compact dialog-close";
  close.textContent = "Close";
  close.addEventListener("click", () => drawer.close());
  drawer.append(close, ...nodes);
  drawer.querySelectorAll("form:not([action])").forEach((form) => form.setAttribute("action", url));
  drawer.querySelector("h1")?.setAttribute("id", "drawer-title");
  drawer.setAttribute("aria-labelledby", "drawer-title");
  drawer.addEventListener("close", () => drawer.remove());
  document.body.append(drawer);
  drawer.showModal();
}
