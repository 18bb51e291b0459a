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

// While an answer is written its stream is watched. Where it stays silent the section is asked for
// instead, which brings the words so far and a fresh stream from there on.
const SILENCE_MS = 20000;
const POLL_MS = 3000;
const link = { isOpen: false, heard: performance.now() };
const stream = () => document.querySelector("#log [aria-busy=true] [id^=stream-]");

async function renew() {
  stream().remove();
  const answer = await fetch(document.getElementById("ask").action, {
    headers: { "HX-Request": "true" },
  }).catch(() => null);
  const chat = document.getElementById("chat");
  if (answer?.ok) await htmx.swap({ sourceElement: chat, target: chat, swap: "outerMorph", text: await answer.text() });
}

function watch() {
  const silent = performance.now() - link.heard;
  if (stream() && !document.hidden && silent < (link.isOpen ? SILENCE_MS : POLL_MS)) return;
  link.heard = performance.now();
  if (!stream() || document.hidden) return;
  link.isOpen = false;
  renew();
}

function hear(event) {
  if (event.target === stream()) Object.assign(link, { isOpen: true, heard: performance.now() });
}
document.addEventListener("htmx:sse:after:connection", hear);
document.addEventListener("htmx:sse:after:message", hear);
document.addEventListener("htmx:sse:error", (event) => {
  if (event.target === stream()) link.isOpen = false;
});
setInterval(watch, 1000);
