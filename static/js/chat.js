// Conveniences of the conversation; asking, reading along and every button work without it.

async function copy(button) {
  const answer = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText(answer.innerText.trim());
  const label = button.textContent;
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = label;
  }, 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-copy]");
  if (button) copy(button);
});

// Enter writes a line; with Ctrl or the command key it asks.
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "question" || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

// A draft stays while the section around it is renewed, and goes when it was asked.
document.addEventListener("htmx:after:request", (event) => {
  const { sourceElement, response } = event.detail.ctx;
  if (sourceElement?.id === "ask" && response?.status === 200) sourceElement.reset();
});

function toEnd() {
  const log = document.getElementById("log");
  if (log && log.scrollHeight - log.scrollTop - log.clientHeight < 200) log.scrollTop = log.scrollHeight;
}
document.addEventListener("htmx:after:swap", toEnd);
