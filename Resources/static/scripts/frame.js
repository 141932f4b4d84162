// A frame whose sign-in runs out is opened anew a while before, but not in a
// tab that nobody looks at: there it waits until somebody does.
(() => {
  "use strict";
  for (const frame of document.querySelectorAll("iframe[data-reopen]")) {
    const seconds = Number(frame.dataset.reopen);
    if (!seconds) continue;
    const source = frame.getAttribute("src");
    let opened = Date.now();
    const reopen = () => {
      if (document.hidden || Date.now() - opened < seconds * 1_000) return;
      opened = Date.now();
      frame.setAttribute("src", source);
    };
    setInterval(reopen, 5_000);
    document.addEventListener("visibilitychange", reopen);
  }
})();
