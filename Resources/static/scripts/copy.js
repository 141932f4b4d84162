// Copy buttons: data-copy holds the id of the element whose text is copied.
// They are hidden in the page and shown here, since they need this script.
(() => {
  "use strict";
  if (!navigator.clipboard) return;
  const show = (root) => {
    for (const button of root.querySelectorAll("[data-copy]")) button.hidden = false;
  };
  show(document);
  document.addEventListener("fragment", (event) => show(event.target));

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-copy]");
    const source = button && document.getElementById(button.dataset.copy);
    if (!source) return;
    const label = button.querySelector("[data-copy-label]");
    label.dataset.own ??= label.textContent;
    try {
      await navigator.clipboard.writeText(source.value ?? source.textContent);
      label.textContent = label.dataset.textCopied;
    } catch {
      label.textContent = label.dataset.textRefused;
    }
    setTimeout(() => { label.textContent = label.dataset.own; }, 2_000);
  });
})();
