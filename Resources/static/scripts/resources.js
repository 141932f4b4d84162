// The deploy form: a preset fills in its four fields, and what is left of the
// quota is said as one types. Without this script a preset is a button of the
// form, and the next page says what is left.
(() => {
  "use strict";
  const shares = [...document.querySelectorAll("[data-quota]")];
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const field = (name) => form.elements.namedItem(name);
  const suffixes = {
    "": 1, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, Ti: 1024 ** 4,
  };

  // As Kubernetes reads quantities.
  function amount(text) {
    const match = /^(\d+(?:\.\d+)?)(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/.exec(text.trim());
    return match ? Number(match[1]) * suffixes[match[2] ?? ""] : null;
  }

  function written(value, resource) {
    if (resource === "pods") return String(value);
    if (resource === "cpu") {
      const thousandths = Math.round(value * 1e3);
      return thousandths % 1e3 === 0 ? String(thousandths / 1e3) : `${thousandths}m`;
    }
    for (const suffix of ["Gi", "Mi", "Ki"]) {
      if (value !== 0 && value % suffixes[suffix] === 0) return value / suffixes[suffix] + suffix;
    }
    return value === 0 ? "0" : `${Math.round(value / suffixes.Mi)}Mi`;
  }

  function replicas() {
    const isScaled = field("autoscaling")?.checked;
    const count = Number(field(isScaled ? "maximumReplicas" : "replicas")?.value);
    return Number.isInteger(count) && count >= 0 ? count : null;
  }

  function tell() {
    const count = replicas();
    for (const share of shares) {
      const { quota, field: name, free } = share.dataset;
      const each = name ? amount(field(name)?.value ?? "") : 1;
      if (each === null || count === null) continue;
      const needed = each * count;
      const left = Number(free) - needed;
      share.querySelector("[data-needed]").textContent = written(needed, quota);
      share.querySelector("[data-left]").textContent = written(Math.max(0, left), quota);
      share.classList.toggle("quota-over", left < 0);
      share.querySelector("[data-over]").hidden = left >= 0;
    }
    for (const preset of form.querySelectorAll("[data-preset]")) {
      preset.setAttribute("aria-pressed", String(Object.entries(values(preset)).every(
        ([name, value]) => field(name)?.value.trim() === value)));
    }
  }

  const values = (preset) => JSON.parse(preset.dataset.preset);

  form.addEventListener("click", (event) => {
    const preset = event.target.closest?.("[data-preset]");
    if (!preset) return;
    event.preventDefault();
    for (const [name, value] of Object.entries(values(preset))) {
      if (field(name)) field(name).value = value;
    }
    form.dispatchEvent(new Event("input", { bubbles: true }));
  });
  form.addEventListener("input", tell);
  tell();
})();
