// Reading a chart: the slider and the pointer look up a row of the figure's own table.

const connected = new WeakMap();

function connect(box) {
  connected.get(box)?.abort();
  const stop = new AbortController();
  const until = { signal: stop.signal };
  connected.set(box, stop);
  const figure = document.getElementById(box.dataset.for);
  const table = figure.querySelector("table[data-readout]");
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const slider = box.querySelector("input");
  const output = box.querySelector("output");
  const charts = figure.querySelectorAll(".chart");
  const cursors = figure.querySelectorAll("[data-cursor]");

  const say = (row) =>
    [...row.cells]
      .map((cell, index) => {
        const [name, unit = ""] = heads[index].split(", ");
        return `${name} ${cell.textContent.trim()} ${unit}`.trim();
      })
      .join(", ");

  const show = (index) => {
    const x = `${(100 * (index + 0.5)) / rows.length}%`;
    for (const cursor of cursors) {
      cursor.setAttribute("x1", x);
      cursor.setAttribute("x2", x);
    }
    const said = say(rows[index]);
    output.textContent = said;
    slider.setAttribute("aria-valuetext", said);
  };

  slider.addEventListener("input", () => show(Number(slider.value)), until);
  const follow = (event) => {
    const area = event.currentTarget.getBoundingClientRect();
    const part = (event.clientX - area.left) / area.width;
    slider.value = Math.min(rows.length - 1, Math.max(0, Math.floor(part * rows.length)));
    figure.classList.add("reading");
    show(Number(slider.value));
  };
  for (const chart of charts) {
    chart.addEventListener("pointermove", follow, until);
    chart.addEventListener("pointerleave", () => figure.classList.remove("reading"), until);
  }
  show(Number(slider.value));
}

const connectAll = () => document.querySelectorAll(".readout").forEach(connect);

connectAll();
// A report that is judged again brings new tables.
document.addEventListener("htmx:after:swap", connectAll);
