// Times said as a distance stay true while a page is open.
(() => {
  "use strict";
  if (!window.Intl?.RelativeTimeFormat) return;
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "always" });
  const units = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60], ["second", 1]];

  function renew() {
    if (document.hidden) return;
    for (const element of document.querySelectorAll("time[datetime]")) {
      const seconds = Math.round((Date.parse(element.dateTime) - Date.now()) / 1_000);
      if (!Number.isFinite(seconds) || Math.abs(seconds) < 5) continue;
      const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size);
      const text = words.format(Math.trunc(seconds / size), unit);
      if (element.textContent !== text) element.textContent = text;
    }
  }
  setInterval(renew, 30_000);
  document.addEventListener("visibilitychange", renew);
  window.addEventListener("pageshow", (event) => { if (event.persisted) renew(); });
})();
