// Keeps the cards true: one event stream while anything is pending, polling where it fails.
// The element #stream carries the address; htmx's hx-sse does the reading and the swapping.

const SILENCE_MS = 20000;
const POLL_MS = 3000;
const RETRY_MS = 5000;

const said = document.getElementById("said");
const queue = document.getElementById("queue");
const states = new Map();
const link = { phase: "closed", heard: 0, tried: -Infinity, lost: 0 };
let polling = false;
let polled = 0;

const now = () => performance.now();
const stream = () => document.getElementById("stream");
const cards = () => [...queue.querySelectorAll("[data-analysis]")];
const pending = () => cards().filter((card) => "pending" in card.dataset);

// A fresh element for each connection: whatever the old one still does ends with it.
function open() {
  const old = stream();
  const fresh = old.cloneNode(false);
  fresh.removeAttribute("data-htmx-powered");
  fresh.setAttribute("hx-sse:connect", old.dataset.connect);
  Object.assign(link, { phase: "opening", heard: now(), tried: now(), lost: link.lost || now() });
  return htmx.swap({ sourceElement: old, target: old, swap: "outerHTML", text: fresh.outerHTML });
}

function ensure() {
  if (link.phase === "closed" && pending().length && now() - link.tried > RETRY_MS) open();
}

async function poll() {
  polling = true;
  polled = now();
  for (const card of pending()) {
    const answer = await fetch(`/analyses/${card.dataset.analysis}/card`, {
      headers: { "HX-Request": "true" },
    }).catch(() => null);
    if (answer?.status === 404) card.remove();
    if (!answer?.ok || !card.isConnected) continue;
    const text = await answer.text();
    await htmx.swap({ sourceElement: card, target: card, swap: "outerMorph", text });
  }
  polling = false;
  review();
}

function tick() {
  if (document.hidden) return;
  ensure();
  const isSilent = link.phase === "open" ? now() - link.heard > SILENCE_MS : now() - link.lost > POLL_MS;
  if (pending().length && isSilent && !polling && now() - polled > POLL_MS) poll();
}

// Only a change of state is spoken; bytes and steps are for those who look.
function announce(card) {
  const name = card.querySelector("h3").textContent.trim().replace(/\s+/g, " ");
  said.textContent = `${name}: ${card.querySelector(".st").textContent.trim().replace(/\s+/g, " ")}`;
}

function follow() {
  const [card] = cards();
  if (!card) location.replace("/tracks");
  else if (card.dataset.state === "done") location.replace(card.querySelector("h3 a").href);
}

function review() {
  for (const card of cards()) {
    const before = states.get(card.id);
    states.set(card.id, card.dataset.state);
    if (before === undefined || before === card.dataset.state) continue;
    announce(card);
    if (card.dataset.state === "done" && document.getElementById("tracks")) htmx.trigger("#tracks", "refresh");
  }
  if ("follow" in queue.dataset) follow();
  ensure();
}

const isStream = (event) => event.target === stream();
const hear = (event, phase) => isStream(event) && Object.assign(link, { phase, heard: now(), lost: 0 });

document.addEventListener("htmx:sse:after:connection", (event) => hear(event, "open"));
document.addEventListener("htmx:sse:after:message", (event) => hear(event, "open"));
document.addEventListener("htmx:sse:error", (event) => {
  if (isStream(event)) Object.assign(link, { phase: "broken", lost: link.lost || now() });
});
document.addEventListener("htmx:sse:close", (event) => {
  if (!isStream(event)) return;
  Object.assign(link, { phase: "closed", lost: now() });
  if (event.detail.reason === "message") link.tried = now() - RETRY_MS + 500;
});
// The first answer was no stream: too many of them, or the server is away.
document.addEventListener("htmx:finally:request", (event) => {
  if (isStream(event) && link.phase === "opening") link.phase = "closed";
});
document.addEventListener("htmx:after:swap", review);
document.addEventListener("visibilitychange", () => {
  link.heard = now();
});

// Not before htmx has looked over the page, or it would connect the same element again.
function start() {
  review();
  setInterval(tick, 1000);
}
if (document.readyState === "complete") start();
else document.addEventListener("DOMContentLoaded", start);
