// A weekday of the desk's form: whoever types hours means "Hours".

export function chooseHoursWhileTyping() {
  document.addEventListener("input", (event) => {
    const choice = document.getElementsByName(event.target.dataset?.chooses ?? "");
    for (const one of choice) if (event.target.value && one.value === "hours") one.checked = true;
  });
}
