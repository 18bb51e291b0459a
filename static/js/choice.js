// What was chosen, before it is sent: mixes with the Live sets that belong to them.

const isSet = (file) => file.name.toLowerCase().endsWith(".als");
const stem = (file) => file.name.replace(/\.[^.]*$/, "").trim().toLowerCase();
const STATES = { waiting: "waits for a free line", sending: "is declared" };

function group(bounce, set) {
  const name = [bounce, set].filter(Boolean).map((file) => file.name).join(" and ");
  return { bounce, set, name, state: "", key: "", fields: [] };
}

// One mix and one set belong together; of more, those of the same base name.
export function pair(files) {
  const sets = files.filter(isSet);
  const mixes = files.filter((file) => !isSet(file));
  if (mixes.length === 1 && sets.length === 1) return [group(mixes[0], sets[0])];
  const left = new Set(sets);
  const pairs = mixes.map((mix) => {
    const set = [...left].find((file) => stem(file) === stem(mix)) ?? null;
    left.delete(set);
    return group(mix, set);
  });
  return [...pairs, ...[...left].map((set) => group(null, set))];
}

function size(bytes) {
  return bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

export function describe(item) {
  const words = document.createElement("span");
  const name = document.createElement("b");
  name.textContent = item.name;
  const bytes = (item.bounce?.size ?? 0) + (item.set?.size ?? 0);
  const state = STATES[item.state] ? `, ${STATES[item.state]}` : "";
  words.append(name, ` ${size(bytes)}${state}`);
  return words;
}
