// The message that a page brings along is read out: screen readers tell a
// status when it changes, not when it is there from the beginning.
(() => {
  "use strict";
  const message = document.querySelector("main > .flash[role=status]");
  if (!message) return;
  setTimeout(() => {
    // Nobody is interrupted who is on their way through it.
    if (message.contains(document.activeElement)) return;
    message.append(...message.childNodes);
  }, 200);
})();
