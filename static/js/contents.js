// The contents of a report mark the section that is being read.

const links = new Map(
  [...document.querySelectorAll(".toc a")].map((link) => [link.hash.slice(1), link]),
);

function mark(id) {
  for (const [key, link] of links) {
    if (key === id) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

const watcher = new IntersectionObserver(
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
