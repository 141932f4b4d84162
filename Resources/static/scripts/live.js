// Live updates: an element with data-live="URL" opens an event stream whose
// events carry rendered elements; each replaces the page's element of its id.
// Without this script the page shows the state it was made with.
(() => {
  "use strict";
  const longestWait = 30_000;

  // Whether two elements say the same, however long ago that was; a form's token
  // is as good as another. Then nothing is replaced, so nothing moves.
  function saysTheSame(old, fresh) {
    const [one, other] = [old, fresh].map((element) => {
      const copy = element.cloneNode(true);
      for (const time of copy.querySelectorAll("time")) time.textContent = "";
      for (const token of copy.querySelectorAll("input[name=_token]")) token.removeAttribute("value");
      return copy;
    });
    return one.isEqualNode(other);
  }

  // Puts a fragment's elements in the place of those with the same ids.
  function apply(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    for (const fresh of [...holder.content.children]) {
      const old = fresh.id && document.getElementById(fresh.id);
      if (!old || saysTheSame(old, fresh)) continue;
      const focus = keepFocus(old);
      // What the reader opened or closed stays so.
      const folds = [...old.querySelectorAll("details[id]")].map(({ id, open }) => ({ id, open }));
      old.replaceWith(fresh);
      for (const { id, open } of folds) {
        document.getElementById(id)?.toggleAttribute("open", open);
      }
      focus();
      fresh.dispatchEvent(new CustomEvent("fragment", { bubbles: true }));
    }
  }

  // Remembers which element within has the focus; the result gives it back to
  // the element of the same id, or of the same place.
  function keepFocus(container) {
    const active = document.activeElement;
    if (!active || !container.contains(active)) return () => {};
    const { id } = container;
    const focusable = "a[href], button, input, select, textarea, summary, [tabindex]";
    const index = [...container.querySelectorAll(focusable)].indexOf(active);
    const activeID = active.id;
    return () => {
      const fresh = document.getElementById(id);
      const target = (activeID && document.getElementById(activeID))
        || fresh?.querySelectorAll(focusable)[index] || fresh;
      target?.focus({ preventScroll: true });
    };
  }

  // The most children that a log keeps; the oldest go first.
  const mostLines = 3_000;

  // A log's new lines: adds them to the end, and follows the end unless the
  // reader has scrolled up. The time of the newest is where to go on from.
  function append(element, html) {
    const follows = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
    const holder = document.createElement("template");
    holder.innerHTML = html;
    for (const line of holder.content.children) {
      const { time } = line.dataset;
      if (time && time > (element.dataset.after ?? "")) element.dataset.after = time;
    }
    element.append(holder.content);
    let surplus = element.children.length - mostLines;
    while (surplus-- > 0) element.firstElementChild.remove();
    document.getElementById(`${element.id}-empty`)?.remove();
    if (follows) element.scrollTop = element.scrollHeight;
  }

  // The words are in the page, so that they are in its language.
  const mark = document.getElementById("live-paused");
  const ended = document.getElementById("live-ended");
  const lost = new Set();
  let timer;

  // The mark waits a moment: a short gap is no news.
  function show() {
    clearTimeout(timer);
    if (!mark) return;
    if (lost.size === 0) { mark.hidden = true; return; }
    timer = setTimeout(() => { mark.hidden = false; }, 1_500);
  }

  function follow(element) {
    const url = element.dataset.live;
    let wait = 1_000;
    let source;
    let retry;
    let isPaused = false;

    // A log goes on after the newest line that is here.
    function address() {
      const { after } = element.dataset;
      if (!after) return url;
      return `${url}${url.includes("?") ? "&" : "?"}after=${encodeURIComponent(after)}`;
    }

    function open() {
      clearTimeout(retry);
      source?.close();
      if (isPaused) return;
      source = new EventSource(address());
      source.addEventListener("open", () => { wait = 1_000; lost.delete(url); show(); });
      source.addEventListener("fragment", (event) => apply(event.data));
      source.addEventListener("lines", (event) => append(element, event.data));
      source.addEventListener("toast", (event) => toast(event.data));
      source.addEventListener("end", () => source.close());
      source.addEventListener("error", () => {
        // The browser's own retry stops for good on an error answer, so the
        // stream is always opened anew, at growing intervals.
        source.close();
        lost.add(url);
        show();
        retry = setTimeout(again, wait * (0.75 + Math.random() / 2));
        wait = Math.min(wait * 2, longestWait);
      });
    }

    // An event source doesn't tell an outage from a refusal, so one plain
    // request asks. Who may not see the page any more isn't left waiting.
    async function again() {
      const asking = new AbortController();
      try {
        const answer = await fetch(address(), {
          signal: asking.signal, redirect: "manual", headers: { Accept: "text/event-stream" },
        });
        const { status, type } = answer;
        asking.abort();
        if (type === "opaqueredirect" || [401, 403, 404].includes(status)) {
          lost.delete(url);
          show();
          if (ended) ended.hidden = false;
          return;
        }
      } catch { /* An outage; opening fails, too, and comes back here. */ }
      open();
    }

    function close() {
      clearTimeout(retry);
      source?.close();
    }

    open();
    element.addEventListener("live-pause", () => {
      isPaused = true;
      close();
      lost.delete(url);
      show();
    });
    element.addEventListener("live-resume", () => { isPaused = false; open(); });
    window.addEventListener("pagehide", close);
    window.addEventListener("pageshow", (event) => { if (event.persisted) open(); });
    // A browser holds few connections to one host: pages nobody sees leave theirs.
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) { close(); } else { open(); }
    });
  }

  // What ended while the person is on another page: said once, also where several
  // streams tell it, and not on the page that shows it anyway.
  const toasts = document.getElementById("toasts");
  const told = new Set();
  function toast(html) {
    const holder = document.createElement("template");
    holder.innerHTML = html;
    const fresh = holder.content.firstElementChild;
    const { toast: id } = fresh?.dataset ?? {};
    if (!toasts || !id || told.has(id)) return;
    told.add(id);
    // Its address isn't resolved before it is in the page.
    if (fresh.querySelector("a").getAttribute("href") === location.pathname) return;
    const close = fresh.querySelector("[data-close-toast]");
    close.hidden = false;
    close.addEventListener("click", () => fresh.remove());
    toasts.append(fresh);
    while (toasts.children.length > 3) toasts.firstElementChild.remove();
  }

  const parts = document.querySelectorAll("[data-live]");
  for (const element of parts) follow(element);
  if (parts.length === 0 && toasts) {
    toasts.dataset.live = toasts.dataset.toasts;
    follow(toasts);
  }
})();
