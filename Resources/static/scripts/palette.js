// The command palette: Ctrl and K, or the link to the search, open a dialog over
// everything that the person may go to. Without this script the link leads to a
// page that finds the same.
(() => {
  "use strict";
  const dialog = document.getElementById("palette");
  if (!dialog?.showModal) return;
  const input = document.getElementById("palette-input");
  const list = document.getElementById("palette-list");
  const byID = (id) => document.getElementById(`palette-${id}`);
  const most = 40;
  let items = [];
  let isComplete = true;
  let selected = 0;
  let opener = null;

  // The browser asks whether its copy is still right (ETag), so this is cheap.
  async function load() {
    try {
      const answer = await fetch("/search.json", { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      ({ items, isComplete } = await answer.json());
      byID("failed").hidden = true;
    } catch {
      byID("failed").hidden = items.length > 0;
    }
    byID("wait").hidden = true;
    show();
  }

  // Lower is better: the beginning of a name, of a word, anywhere.
  function score({ text, place, kind }, words) {
    const name = text.toLowerCase();
    const all = `${name} ${place.toLowerCase()}`;
    if (!words.every((word) => all.includes(word))) return null;
    const first = words[0] ?? "";
    const position = name.startsWith(first) ? 0 : name.includes(` ${first}`) ? 1 : name.includes(first) ? 2 : 3;
    return position * 4 + ["application", "project", "action"].indexOf(kind);
  }

  function show() {
    const text = input.value.trim().toLowerCase();
    const words = text.split(/\s+/).filter(Boolean);
    const found = items
      .map((item) => ({ item, score: score(item, words) }))
      .filter(({ score }) => score !== null)
      .sort((a, b) => a.score - b.score || (words.length ? a.item.text.length - b.item.text.length : 0))
      .slice(0, most)
      .map(({ item }) => item);
    const rows = found.map((item, index) => row(item, index));
    if (!isComplete && text) {
      rows.push(row({ kind: "action", text: input.value.trim(), place: "/search", link: `/search?q=${encodeURIComponent(text)}` }, rows.length));
    }
    list.replaceChildren(...rows);
    byID("none").hidden = rows.length > 0 || !byID("failed").hidden || !byID("wait").hidden;
    byID("count").textContent = text ? String(rows.length) : "";
    select(0);
  }

  function row(item, index) {
    const element = document.createElement("li");
    element.className = "result";
    element.id = `palette-result-${index}`;
    element.setAttribute("role", "option");
    element.dataset.link = item.link;
    const name = document.createElement("span");
    name.className = "result-text";
    name.textContent = item.text;
    const place = document.createElement("span");
    place.className = "result-place";
    place.textContent = item.place;
    element.append(byID(`icon-${item.kind}`).content.cloneNode(true), name, " ", place);
    return element;
  }

  function select(index) {
    const rows = list.children;
    selected = rows.length === 0 ? 0 : (index + rows.length) % rows.length;
    for (const [position, element] of [...rows].entries()) {
      element.setAttribute("aria-selected", String(position === selected));
    }
    const current = rows[selected];
    if (current) {
      input.setAttribute("aria-activedescendant", current.id);
      current.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  }

  function go(element, isNewTab) {
    const link = element?.dataset.link;
    if (!link) return;
    dialog.close();
    if (isNewTab) window.open(link, "_blank", "noopener"); else location.assign(link);
  }

  function open() {
    if (dialog.open) return;
    opener = document.activeElement;
    input.value = "";
    dialog.showModal();
    input.focus();
    if (items.length > 0) show();
    load();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    if (dialog.open) dialog.close(); else open();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-open-palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      select(selected + steps[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      go(list.children[selected], event.ctrlKey || event.metaKey);
    }
  });
  list.addEventListener("click", (event) => {
    go(event.target.closest(".result"), event.ctrlKey || event.metaKey);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => opener?.focus?.({ preventScroll: true }));
})();
