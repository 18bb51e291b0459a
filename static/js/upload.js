// Sends what was dropped or chosen: each mix, with its Live set, becomes one analysis.
// Declared by a form post, whose answer is the card, then each file as one raw body.

const PARALLEL = 2;

const form = document.getElementById("upload");
const { describe, pair } = await import(form.dataset.choice);
const field = form.elements.namedItem("bounce");
const list = document.getElementById("chosen");
const refusals = document.getElementById("refusals");
const queue = document.getElementById("queue");
const token = form.elements.namedItem("_csrf")?.value ?? "";

let choice = [];
const waiting = [];
const running = new Map();
const cancelled = new Set();
let active = 0;

const headers = () => ({ "X-CSRF-Token": token, "HX-Request": "true" });

function draw() {
  const rows = choice.map((group) => {
    const row = document.createElement("li");
    row.append(describe(group));
    if (group.state === "") {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "btn btn-bare", textContent: "Leave out" });
      button.setAttribute("aria-label", `Leave out: ${group.name}`);
      button.addEventListener("click", () => drop(group));
      row.append(button);
    }
    return row;
  });
  list.replaceChildren(...rows);
  field.required = choice.length === 0;
}

function drop(group) {
  choice = choice.filter((other) => other !== group);
  draw();
}

function add(files) {
  const known = choice.flatMap((group) => (group.state === "" ? [group.bounce, group.set] : [])).filter(Boolean);
  const held = choice.filter((group) => group.state !== "");
  choice = [...held, ...pair([...known, ...files])];
  field.value = "";
  draw();
}

// A refusal stays until the next try, and so does the choice that was refused.
function refuse(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html;
  const notice = holder.content.querySelector(".notice");
  if (!notice) return say("The server gave no answer that can be shown here. Nothing was stored.");
  if ([...refusals.children].some((other) => other.textContent === notice.textContent)) return;
  notice.id = `refusal-${refusals.children.length + 1}`;
  refusals.append(notice);
}

function say(sentence) {
  const notice = document.createElement("p");
  notice.className = "notice notice-fix";
  notice.textContent = sentence;
  refusals.append(notice);
}

function release(group) {
  group.state = "";
  group.key = "";
  draw();
}

function declaration(group, fields) {
  const body = new URLSearchParams(fields);
  body.set("bounce_name", group.bounce?.name ?? "");
  body.set("bounce_bytes", String(group.bounce?.size ?? 0));
  body.set("set_name", group.set?.name ?? "");
  body.set("set_bytes", String(group.set?.size ?? 0));
  body.set("idempotency_key", group.key);
  return body;
}

async function put(address, file, signal) {
  if (!address || !file) return true;
  const answer = await fetch(address, {
    method: "PUT",
    body: file,
    signal,
    headers: { ...headers(), "Content-Type": "application/octet-stream" },
  });
  const html = await answer.text();
  if (!answer.ok) throw Object.assign(new Error("refused"), { html });
  return true;
}

async function declare(group) {
  group.key ||= crypto.getRandomValues(new Uint32Array(4)).join("-");
  const answer = await fetch("/analyses", { method: "POST", body: declaration(group, group.fields), headers: headers() });
  const html = await answer.text();
  if (!answer.ok) throw Object.assign(new Error("refused"), { html });
  await htmx.swap({ sourceElement: queue, target: queue, swap: "afterbegin", text: html });
  htmx.trigger("#tracks", "refresh");
  const holder = document.createElement("template");
  holder.innerHTML = html;
  return holder.content.querySelector("[data-analysis]").dataset;
}

async function send(group) {
  let id = "";
  try {
    const card = await declare(group);
    id = card.analysis;
    const stop = new AbortController();
    running.set(id, stop);
    drop(group);
    await put(card.uploadBounce, group.bounce, stop.signal);
    await put(card.uploadSet, group.set, stop.signal);
  } catch (error) {
    if (cancelled.has(id)) return;
    if (error.html) refuse(error.html);
    else say(`The connection broke while ${group.name} was sent. What had arrived is not kept. It can be sent again.`);
    if (!choice.includes(group)) choice.push(group);
    release(group);
  } finally {
    running.delete(id);
  }
}

async function pump() {
  while (active < PARALLEL && waiting.length) {
    const group = waiting.shift();
    active += 1;
    group.state = "sending";
    draw();
    send(group).finally(() => {
      active -= 1;
      pump();
    });
  }
}

function submit(event) {
  event.preventDefault();
  refusals.replaceChildren();
  const fields = ["track", "track_name", "genre", "destination", "stage"].map((name) => [name, form.elements.namedItem(name).value]);
  for (const group of choice.filter((item) => item.state === "")) {
    Object.assign(group, { state: "waiting", fields });
    waiting.push(group);
  }
  draw();
  pump();
}

form.dataset.enhanced = "";
field.multiple = true;
field.accept += ",.als";
form.addEventListener("submit", submit);
field.addEventListener("change", () => add([...field.files]));

addEventListener("dragover", (event) => {
  if (!event.dataTransfer?.types.includes("Files")) return;
  event.preventDefault();
  form.dataset.over = "";
});
addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) delete form.dataset.over;
});
addEventListener("drop", (event) => {
  if (!event.dataTransfer?.files.length) return;
  event.preventDefault();
  delete form.dataset.over;
  add([...event.dataTransfer.files]);
});

// Cancelled by its button: the server ends the analysis first, then the body is cut here.
document.addEventListener("htmx:before:request", (event) => {
  const id = event.detail.ctx?.sourceElement?.dataset?.cancel;
  if (id) cancelled.add(id);
});
document.addEventListener("htmx:finally:request", () => {
  for (const id of cancelled) running.get(id)?.abort();
});
addEventListener("beforeunload", (event) => {
  if (active || waiting.length) event.preventDefault();
});

// What was chosen before this module came is taken as if it had been chosen now.
const early = [field, form.elements.namedItem("live_set")].flatMap((input) => [...(input?.files ?? [])]);
if (early.length) {
  form.elements.namedItem("live_set").value = "";
  add(early);
}
