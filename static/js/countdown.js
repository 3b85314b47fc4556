// How long something is still kept. The server says how many seconds are left: the clock of this device does not count.

export function countDown() {
  document.querySelectorAll("[data-seconds-left]").forEach(startClock);
}

function startClock(clock) {
  const end = performance.now() + Number(clock.dataset.secondsLeft) * 1000;
  const timer = setInterval(() => showTime(clock, end, timer), 250);
  clock.hidden = false;
  showTime(clock, end, timer);
}

function showTime(clock, end, timer) {
  const left = Math.ceil((end - performance.now()) / 1000);
  if (left > 0) {
    const time = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    clock.textContent = clock.dataset.left.replace("{time}", time);
    return;
  }
  clearInterval(timer);
  clock.setAttribute("role", "alert"); // spoken once; what ticks is not
  clock.textContent = clock.dataset.over;
}
