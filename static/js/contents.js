// The contents of a report mark the section that is being read.

let watcher = null;

function watch() {
  const links = new Map([...document.querySelectorAll(".toc a")].map((link) => [link.hash.slice(1), link]));
  const mark = (id) => {
    for (const [key, link] of links) {
      if (key === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  watcher?.disconnect();
  watcher = new IntersectionObserver(
    (entries) => {
      const shown = entries.find((entry) => entry.isIntersecting);
      if (shown) mark(shown.target.id);
    },
    { rootMargin: "-15% 0px -70% 0px" },
  );
  for (const id of links.keys()) {
    const section = document.getElementById(id);
    if (section) watcher.observe(section);
  }
}

watch();
// A report that is judged again may have other sections.
document.addEventListener("htmx:after:swap", watch);

// A link into a closed finding opens it, also where the browser does not by itself.
function open() {
  const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const card = target ? target.closest("details") : null;
  if (!card || card.open) return;
  card.open = true;
  target.scrollIntoView();
}
addEventListener("hashchange", open);
open();
