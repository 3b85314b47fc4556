// Help appears as soon as an answer about self-harm is chosen, and stays: nobody takes it away again.

export function watchCrisisAnswers(root = document) {
  root.addEventListener("change", (event) => {
    const id = event.target.dataset?.crisis;
    if (id && event.target.checked) showHelp(id);
  });
  root.querySelectorAll("[data-crisis]:checked").forEach((input) => showHelp(input.dataset.crisis));
}

function showHelp(id) {
  const help = document.getElementById(id);
  if (!help?.hidden) return;
  help.hidden = false;
  help.scrollIntoView({ block: "nearest" });
}
