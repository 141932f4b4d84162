// Forms: a second submit of the same form is ignored while the first is under
// way, and a button that takes long shows that it works. The top bar's menu
// closes on Escape and on a click elsewhere.
(() => {
  "use strict";
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || event.defaultPrevented) return;
    // What only asks may be asked again at any time.
    const isQuestion = form.method === "get";
    if (form.dataset.sent && !isQuestion) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    const button = event.submitter ?? form.querySelector("button[type=submit]");
    setTimeout(() => {
      if (form.dataset.sent) button?.setAttribute("data-busy", "");
    }, 300);
    // Somebody who stopped a slow answer may send again; nothing is done twice.
    setTimeout(() => {
      delete form.dataset.sent;
      button?.removeAttribute("data-busy");
    }, 8_000);
  });

  // Coming back with the browser's back button shows the form as it was.
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll("[data-busy]")) button.removeAttribute("data-busy");
  });

  // A button that may not be used says why instead of doing something.
  document.addEventListener("click", (event) => {
    if (event.target.closest?.("[aria-disabled=true]")) event.preventDefault();
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });

  // After a rejected form, reading starts at what is wrong.
  document.getElementById("error-summary")?.focus();
})();
