// Charts: the values at one time, read off the lines that the page has, with
// the pointer or, in a chart that has the focus, with the arrow keys. Without
// this script they are in the table below each chart.
(() => {
  "use strict";
  const svg = "http://www.w3.org/2000/svg";
  const heightOfBox = 1000;
  const widthOfStep = 10;
  const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const binary = (suffix) => ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    .map((name, index) => [1024 ** index, ` ${name}${suffix}`]);
  // As Sources/Web/Monitoring/MetricText.swift writes values.
  const magnitudes = {
    "cores": [[1e-3, "m"], [1, " cores"]],
    "bytes": binary(""),
    "bytes-per-second": binary("/s"),
    "per-second": [[1, "/s"], [1e3, "k/s"], [1e6, "M/s"]],
    "seconds": [[1e-6, " µs"], [1e-3, " ms"], [1, " s"]],
    "ratio": [[0.01, " %"]],
    "count": [[1, ""], [1e6, "M"]],
  };

  function written(value, unit) {
    const known = magnitudes[unit] ?? magnitudes.count;
    const [size, suffix] = known.findLast(([size]) => size <= value * 1.0005) ?? known[0];
    const amount = value / size;
    const places = amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : amount >= 0.0995 ? 2 : 3;
    const text = Number(amount.toFixed(places)).toLocaleString("en-GB", { maximumFractionDigits: 3 });
    return text + (text === "1" ? suffix.replace(/(..)s$/, "$1") : suffix);
  }

  function moment(seconds, { isLong, step }) {
    const time = new Date(seconds * 1000);
    const clock = time.toISOString().slice(11, step < 60 ? 19 : 16);
    return isLong ? `${time.getUTCDate()} ${months[time.getUTCMonth()]} ${clock}` : clock;
  }

  // The height of a path at each step; nothing where it has a gap.
  function heights(data) {
    const found = [];
    let x = 0;
    let y = 0;
    const keep = () => { found[x / widthOfStep] = y; };
    for (const [, command, first, second] of data.matchAll(/([MlhvHV])(-?\d+)(?: ?(-?\d+))?/g)) {
      const number = Number(first);
      if (command === "M") { x = number; y = Number(second); keep(); }
      if (command === "l") { x += number; y += Number(second); keep(); }
      if (command === "v") { y += number; keep(); }
      if (command === "h") {
        for (const end = x + number; x < end;) { x += widthOfStep; keep(); }
      }
    }
    return found;
  }

  // What a chart shows, read once.
  const known = new WeakMap();
  function contents(frame) {
    if (known.has(frame)) return known.get(frame);
    const box = frame.querySelector(".chart-lines");
    if (!box) return null;
    const { chart: unit, top, start, step } = frame.dataset;
    const steps = box.viewBox.baseVal.width / widthOfStep;
    const lines = [...box.querySelectorAll(".chart-line")].map((path) => {
      const style = [...path.classList].find((name) => name.startsWith("line-")).slice(5);
      const points = path.nextElementSibling?.matches(".chart-points") ? path.nextElementSibling : null;
      const found = heights(path.getAttribute("d"));
      if (points) for (const [index, height] of heights(points.getAttribute("d")).entries()) {
        if (height !== undefined) found[index] = height;
      }
      const shape = frame.querySelector(`.end-${style} path`)?.getAttribute("d") ?? "";
      // The newest value is told exactly; all others are as exact as the line.
      const newest = { index: found.length - 1, value: path.dataset.value };
      return { name: path.dataset.name, style, shape, newest, heights: found };
    });
    const chart = {
      unit, lines, steps, top: Number(top), start: Number(start), step: Number(step),
      isLong: steps * Number(step) >= 86_000,
      title: frame.querySelector("title")?.textContent ?? "",
    };
    known.set(frame, chart);
    return chart;
  }

  function values(chart, index) {
    return chart.lines.map((line) => {
      const height = line.heights[index];
      const value = height === undefined ? "–"
        : index === line.newest.index && line.newest.value !== "ended" ? line.newest.value
        : written((heightOfBox - height) / heightOfBox * chart.top, chart.unit);
      return { ...line, value };
    });
  }

  function element(name, className, text = "") {
    const made = document.createElement(name);
    made.className = className;
    made.textContent = text;
    return made;
  }

  function sign(style, shape) {
    const picture = document.createElementNS(svg, "svg");
    picture.setAttribute("viewBox", "-11 -6 22 12");
    picture.setAttribute("class", "legend-sign");
    picture.setAttribute("aria-hidden", "true");
    for (const [className, data] of [[`chart-line line-${style}`, "M-10 0h20"], [`chart-end end-${style}`, shape]]) {
      const path = document.createElementNS(svg, "path");
      path.setAttribute("class", className);
      path.setAttribute("d", data);
      picture.append(path);
    }
    return picture;
  }

  const spoken = element("p", "visually-hidden");
  spoken.setAttribute("role", "status");
  const reading = element("div", "chart-reading");
  reading.setAttribute("aria-hidden", "true");
  let shown = null;

  // All charts of a page have the same time, so all show where it is.
  function markTime(share) {
    for (const drawing of document.querySelectorAll(".chart-drawing")) {
      let line = drawing.querySelector(".chart-cross");
      if (share === null) { line?.remove(); continue; }
      if (!line) {
        line = document.createElementNS(svg, "line");
        line.setAttribute("class", "chart-cross");
        line.setAttribute("y2", "100%");
        drawing.append(line);
      }
      line.setAttribute("x1", `${share * 100}%`);
      line.setAttribute("x2", `${share * 100}%`);
    }
  }

  function hide() {
    if (!shown) return;
    shown = null;
    reading.remove();
    markTime(null);
  }

  function show(frame, wanted, isSpoken) {
    const chart = contents(frame);
    if (!chart) return;
    const index = Math.max(0, Math.min(chart.steps, wanted));
    if (shown?.frame === frame && shown.index === index) return;
    shown = { frame, index };
    const time = `${moment(chart.start + index * chart.step, chart)} UTC`;
    const found = values(chart, index);
    const list = element("ul", "chart-reading-lines");
    for (const line of found) {
      const row = element("li", "legend");
      row.append(
        sign(line.style, line.shape), element("span", "legend-name", line.name),
        element("span", "legend-value", line.value));
      list.append(row);
    }
    reading.replaceChildren(element("div", "chart-reading-time", time), list);
    frame.append(reading);
    place(frame, index / chart.steps);
    markTime(index / chart.steps);
    if (isSpoken) {
      spoken.textContent = `${time}: ${found.map((line) => `${line.name} ${line.value}`).join(", ")}`;
    }
  }

  // Beside the line, on the side that has the room.
  function place(frame, share) {
    const drawing = frame.querySelector(".chart-drawing").getBoundingClientRect();
    const outside = frame.getBoundingClientRect();
    const at = drawing.left - outside.left + share * drawing.width;
    const width = reading.offsetWidth;
    const left = share > 0.5 ? at - width - 10 : at + 10;
    reading.style.left = `${Math.max(4, Math.min(left, outside.width - width - 4))}px`;
  }

  function point(event) {
    const frame = event.target.closest?.(".chart-frame");
    if (!frame) {
      if (!document.activeElement?.matches(".chart-frame")) hide();
      return;
    }
    const chart = contents(frame);
    if (!chart) return;
    const drawing = frame.querySelector(".chart-drawing").getBoundingClientRect();
    const share = (event.clientX - drawing.left) / drawing.width;
    if (share < -0.05 || share > 1.05) { hide(); return; }
    show(frame, Math.round(share * chart.steps), false);
  }

  document.addEventListener("pointermove", point, { passive: true });
  document.addEventListener("pointerdown", point, { passive: true });
  document.documentElement.addEventListener("pointerleave", hide);

  document.addEventListener("keydown", (event) => {
    const frame = event.target.closest?.(".chart-frame");
    if (!frame || frame !== event.target) return;
    const chart = contents(frame);
    if (!chart) return;
    const now = shown?.frame === frame ? shown.index : chart.steps;
    const stride = event.shiftKey ? 10 : 1;
    const targets = {
      ArrowLeft: now - stride, ArrowRight: now + stride, Home: 0, End: chart.steps,
    };
    if (event.key === "Escape") { hide(); return; }
    if (!(event.key in targets)) return;
    event.preventDefault();
    show(frame, targets[event.key], true);
  });

  // Which chart has the focus, to give it back when charts are renewed.
  let focused = "";
  document.addEventListener("focusin", (event) => {
    focused = event.target.matches?.(".chart-frame") ? event.target.id : "";
  });
  document.addEventListener("focusout", (event) => {
    if (event.target.matches?.(".chart-frame") && event.target.isConnected) { focused = ""; hide(); }
  });

  function prepare(root) {
    const frames = root.querySelectorAll?.(".chart-frame") ?? [];
    for (const frame of frames) {
      frame.tabIndex = 0;
      frame.setAttribute("role", "group");
      frame.setAttribute("aria-label", `${contents(frame)?.title ?? ""}: values with the arrow keys`);
    }
    if (frames.length > 0 && !spoken.isConnected) document.body.append(spoken);
  }

  prepare(document);
  document.addEventListener("fragment", (event) => {
    const before = shown;
    hide();
    prepare(event.target);
    const again = focused && document.getElementById(focused);
    if (again && document.activeElement !== again) again.focus({ preventScroll: true });
    const frame = before && document.getElementById(before.frame.id);
    if (frame) show(frame, before.index, false);
  });
})();
