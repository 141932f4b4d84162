// The API reference: the search works as one types, a link to a call opens it,
// and a call can be tried as whoever is logged in. Without this script the
// search is a form, and each call shows its curl line.
(() => {
  "use strict";
  const search = document.querySelector("[data-docs-search]");
  if (!search) return;
  const calls = [...document.querySelectorAll("[data-docs-call]")];
  const count = document.querySelector("[data-docs-count]");
  const all = count.textContent;
  const input = search.querySelector("input");

  function filter() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const call of calls) {
      call.hidden = !words.every((word) => call.dataset.docsCall.includes(word));
      if (!call.hidden) shown += 1;
    }
    for (const group of document.querySelectorAll("[data-docs-group]")) {
      group.hidden = !group.querySelector("[data-docs-call]:not([hidden])");
    }
    count.textContent = shown === calls.length ? all : `${shown} / ${calls.length}`;
  }
  // What the server left out can't be found here, so only a whole page filters.
  if (!new URLSearchParams(location.search).get("q")) {
    input.addEventListener("input", filter);
    search.addEventListener("submit", (event) => { event.preventDefault(); filter(); });
    filter();
  }

  function openTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) target.open = true;
  }
  window.addEventListener("hashchange", openTarget);
  openTarget();

  const token = () => document.querySelector("input[name=_token]")?.value ?? "";

  async function send(form) {
    const query = new URLSearchParams();
    const headers = { Accept: "application/json, */*;q=0.5" };
    let path = form.dataset.path;
    let body;
    for (const field of form.querySelectorAll("[data-place]")) {
      const value = field.value;
      switch (field.dataset.place) {
        case "path": path = path.replace(`{${field.name}}`, encodeURIComponent(value)); break;
        case "query": if (value) query.set(field.name, value); break;
        case "header": if (value) headers[field.name] = value; break;
        case "body": if (value.trim()) body = value; break;
      }
    }
    const method = form.dataset.method;
    if (method !== "GET") headers["X-Form-Token"] = token();
    if (body) headers["Content-Type"] = "application/json";
    const address = query.size ? `${path}?${query}` : path;
    const answer = await fetch(address, { method, headers, body, redirect: "manual" });
    const text = await answer.text();
    let shown = text;
    try { shown = JSON.stringify(JSON.parse(text), null, 2); } catch { /* no JSON */ }
    return `${method} ${address}\n${answer.status} ${answer.statusText}\n\n${shown.slice(0, 100_000)}`;
  }

  for (const form of document.querySelectorAll("[data-docs-try]")) {
    form.hidden = false;
    const result = form.querySelector("[data-docs-result]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = form.querySelector("button");
      button.disabled = true;
      result.hidden = false;
      result.textContent = result.dataset.textSending;
      try {
        result.textContent = await send(form);
      } catch {
        result.textContent = result.dataset.textFailed;
      }
      button.disabled = false;
    });
  }
})();
