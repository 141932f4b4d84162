// Without a network the page says so at once, and since when it may be out of
// date. A page that the browser kept while the person went elsewhere asks
// whether they are still signed in.
(() => {
  "use strict";
  const bar = document.getElementById("offline");
  function show() {
    if (!bar) return;
    if (!navigator.onLine) {
      const time = bar.querySelector("time");
      const now = new Date();
      time.dateTime = now.toISOString();
      time.textContent = now.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    }
    bar.hidden = navigator.onLine;
  }
  window.addEventListener("offline", show);
  window.addEventListener("online", show);
  if (!navigator.onLine) show();

  window.addEventListener("pageshow", async (event) => {
    if (!event.persisted || !document.querySelector("form[action='/logout']")) return;
    try {
      const answer = await fetch(location.href, { method: "HEAD", redirect: "manual" });
      if (answer.type === "opaqueredirect" || answer.status === 401) location.reload();
    } catch { /* An outage: the bar or the stream says so. */ }
  });
})();
