// Every page: the error summary takes focus, a form is sent once.

const SEND_AGAIN_AFTER = 10000; // a download leaves the page where it is: give its button back

export function readyPage() {
  document.addEventListener("submit", sendOnce);
  window.addEventListener("pageshow", releaseAll);
  document.querySelector("[data-error-summary]")?.focus();
}

function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => setButtons(form, true), 0); // after the browser has read which button was pressed
  setTimeout(() => release(form), SEND_AGAIN_AFTER);
}

function setButtons(form, disabled) {
  for (const button of form.elements) {
    if (button.type === "submit") button.disabled = disabled;
  }
}

function release(form) {
  delete form.dataset.sent;
  setButtons(form, false);
}

function releaseAll(event) {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
}
