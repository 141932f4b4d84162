// Logs: a page begins at the newest line, and [data-live-pause] holds the id of
// the log that its button stops and lets go on. What asks for newer lines by
// hand is for browsers without this script.
(() => {
  "use strict";
  for (const log of document.querySelectorAll(".log")) log.scrollTop = log.scrollHeight;

  for (const button of document.querySelectorAll("[data-live-pause]")) {
    const log = document.getElementById(button.dataset.livePause);
    if (!log?.dataset.live) continue;
    button.hidden = false;
    for (const element of document.querySelectorAll("[data-without-script]")) element.hidden = true;
    const pause = button.textContent;
    button.addEventListener("click", () => {
      const pauses = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(pauses));
      button.textContent = pauses ? button.dataset.textResume : pause;
      log.dispatchEvent(new CustomEvent(pauses ? "live-pause" : "live-resume"));
      if (!pauses) log.scrollTop = log.scrollHeight;
    });
  }
})();
