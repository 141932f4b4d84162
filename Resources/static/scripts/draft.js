// What was typed into a form with data-draft is kept in this tab, without what
// is secret, until the form has done its work: a reload or an ended session
// loses nothing. What is kept is offered back, never put back unasked.
(() => {
  "use strict";
  const prefix = "draft:";
  let store;
  try { store = window.sessionStorage; } catch { return; }

  // A page that shows what a draft became forgets the draft when it is sent.
  for (const form of document.querySelectorAll("form[data-forget-draft]")) {
    form.addEventListener("submit", () => store.removeItem(prefix + form.dataset.forgetDraft));
  }

  const form = document.querySelector("form[data-draft]");
  const offer = document.getElementById("draft-offer");
  if (!form || !offer) return;
  const key = prefix + form.dataset.draft;

  const isKept = (field) => field.name && field.name !== "_token"
    && !["password", "hidden", "submit", "button", "file"].includes(field.type)
    && !field.matches(".input-secret, [data-secret] *");

  function read() {
    return [...form.elements].filter(isKept)
      .map((field) => [field.name, field.type === "checkbox" ? field.checked : field.value]);
  }

  // Rows beyond those that the page has are added as a person would.
  function fieldsOf(name, count) {
    const find = () => [...form.elements].filter((field) => field.name === name && isKept(field));
    let found = find();
    for (const rows of form.querySelectorAll("[data-rows]")) {
      if (!rows.querySelector("template")?.content.querySelector(`[name="${CSS.escape(name)}"]`)) continue;
      const add = document.querySelector(`[data-add-row="${CSS.escape(rows.id)}"]`);
      while (add && found.length < count) {
        add.click();
        const more = find();
        if (more.length === found.length) break;
        found = more;
      }
    }
    return found;
  }

  function write(pairs) {
    const names = Map.groupBy ? Map.groupBy(pairs, ([name]) => name) : group(pairs);
    for (const [name, values] of names) {
      const fields = fieldsOf(name, values.length);
      for (const [index, [, value]] of values.entries()) {
        const field = fields[index];
        if (!field) continue;
        if (field.type === "checkbox") field.checked = value === true; else field.value = value;
        if (value && field.value !== field.defaultValue) field.closest("details")?.setAttribute("open", "");
      }
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function group(pairs) {
    const names = new Map();
    for (const pair of pairs) names.set(pair[0], [...(names.get(pair[0]) ?? []), pair]);
    return names;
  }

  let timer;
  const keep = () => {
    try { store.setItem(key, JSON.stringify(read())); } catch { /* No room: then nothing is kept. */ }
  };
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 300); });
  form.addEventListener("submit", keep);
  window.addEventListener("pagehide", () => { if (timer) keep(); });

  let kept = null;
  try { kept = JSON.parse(store.getItem(key) ?? "null"); } catch { store.removeItem(key); }
  // A form that came back with a mistake has everything already.
  if (!Array.isArray(kept) || form.dataset.filled !== undefined) return;
  const before = JSON.stringify(read());
  if (JSON.stringify(kept) === before) return;
  offer.hidden = false;
  offer.querySelector("[data-draft-restore]").addEventListener("click", () => {
    offer.hidden = true;
    write(kept);
    form.querySelector("input:not([type=hidden])")?.focus();
  });
  offer.querySelector("[data-draft-forget]").addEventListener("click", () => {
    offer.hidden = true;
    store.removeItem(key);
    form.querySelector("input:not([type=hidden])")?.focus();
  });
})();
