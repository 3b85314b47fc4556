// Saves a form's draft while the person types. The field [data-autosave-status] says truthfully what is saved.
//
// POST of the whole form to data-autosave-url, with the header X-Requested-With: fetch. Expected answers:
//   200 {"saved": "10:42", "version": 3}   version goes into the form's input named version
//   409 {"message": "…"}                    another tab or device saved meanwhile: shown, saving stops, the text stays
//   401, 403 or a redirect                  signed out: said so, the text stays
//   422 {"message": "…"}                    cannot be saved as it stands: shown, tried again after the next change
// Anything else, or no network, is tried again with growing pauses.

const PAUSE = 2000;
const RETRIES = [5000, 10000, 20000, 40000, 60000];

export function autosave(form) {
  if (form) new Autosave(form);
}

class Autosave {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-autosave-status]");
    this.failures = 0;
    this.changed = false;
    this.sending = null;
    form.addEventListener("input", () => this.later());
    form.addEventListener("change", (event) => this.later(event.target.dataset.crisis === undefined ? PAUSE : 0));
    form.addEventListener("submit", (event) => this.beforeSubmit(event));
    window.addEventListener("online", () => this.changed && this.save());
    window.addEventListener("pagehide", () => this.leave());
  }

  later(pause = PAUSE) {
    this.changed = true;
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), pause);
  }

  async save() {
    if (this.stopped || this.submitting) return;
    if (this.sending) {
      this.later();
      return;
    }
    clearTimeout(this.timer);
    this.changed = false;
    this.sending = this.send();
    await this.sending;
    this.sending = null;
  }

  async send() {
    try {
      const answer = await fetch(this.form.dataset.autosaveUrl, this.request());
      if (answer.redirected || answer.status === 401 || answer.status === 403) this.signedOut();
      else if (answer.status === 409) this.stop((await answer.json()).message);
      else if (answer.status === 422) this.say((await answer.json()).message, true);
      else if (!answer.ok) throw new Error("not saved");
      else this.done(await answer.json());
    } catch {
      this.retry();
    }
  }

  request() {
    return { method: "POST", body: new FormData(this.form), headers: { "X-Requested-With": "fetch", Accept: "application/json" } };
  }

  done({ saved, version }) {
    this.failures = 0;
    const field = this.form.elements.version;
    if (field && version !== undefined) field.value = version;
    this.say(`saved ${saved}`);
  }

  retry() {
    const pause = RETRIES[Math.min(this.failures, RETRIES.length - 1)];
    this.failures += 1;
    this.say("Not saved yet. Your text stays here, and we keep trying.", true);
    this.later(pause);
  }

  signedOut() {
    this.stop("You were signed out, so this is not saved. Your text stays here. Sign in in another tab, then press the button below.");
  }

  stop(message) {
    this.stopped = true;
    clearTimeout(this.timer);
    this.say(message, true);
  }

  say(text, failed = false) {
    if (!this.status) return;
    this.status.textContent = text;
    this.status.classList.toggle("failed", failed);
  }

  // A save on its way may raise the version: wait for it, or the person's own save would look like a second tab's.
  async beforeSubmit(event) {
    clearTimeout(this.timer);
    if (!this.sending) {
      this.submitting = true;
      return;
    }
    event.preventDefault();
    const button = event.submitter;
    this.submitting = true;
    await this.sending;
    this.form.requestSubmit(button);
  }

  leave() {
    if (!this.changed || this.submitting || this.stopped) return;
    navigator.sendBeacon(this.form.dataset.autosaveUrl, new FormData(this.form));
  }
}
