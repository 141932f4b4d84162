// Dialogs: [data-open-dialog] holds the id of the dialog that its button opens.
// A button with data-confirm asks before its form is sent, in the dialog that
// every page brings along; without this script the form is sent at once, and
// what it does can be taken back.
(() => {
  "use strict";
  if (!window.HTMLDialogElement) return;
  for (const button of document.querySelectorAll("[data-open-dialog]")) button.hidden = false;
  const confirm = document.getElementById("confirm");
  let asking = null;

  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-open-dialog]");
    if (opener) document.getElementById(opener.dataset.openDialog)?.showModal();
    if (event.target.closest?.("[data-close-dialog]")) event.target.closest("dialog").close();
    // Whatever is outside of the box is the dialog itself.
    if (event.target instanceof HTMLDialogElement) event.target.close();
  });

  // In the capture phase, so that no form counts as sent before it is.
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!confirm || !button?.dataset.confirm || asking === button) { asking = null; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    confirm.querySelector("[data-confirm-text]").textContent = button.dataset.confirm;
    const accept = confirm.querySelector("[data-confirm-accept]");
    accept.textContent = button.textContent.trim();
    accept.onclick = () => {
      confirm.close();
      asking = button;
      event.target.requestSubmit(button);
    };
    confirm.showModal();
    confirm.querySelector("[data-close-dialog]").focus();
  }, true);
})();
