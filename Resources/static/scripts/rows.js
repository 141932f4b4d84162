// Rows that can be added and removed: a [data-rows] element holds the rows and
// a <template> of an empty one; [data-add-row] adds, [data-remove-row] removes.
// Without this script the page offers a few empty rows.
(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-add-row], [data-remove-row]")) {
    button.hidden = false;
  }
  let count = 0;

  // Each copy gets ids of its own, so that labels lead to the right input.
  function renumber(row) {
    count += 1;
    for (const element of row.querySelectorAll("[id], [for], [aria-describedby]")) {
      for (const name of ["id", "for", "aria-describedby"]) {
        if (element.hasAttribute(name)) {
          element.setAttribute(name, `${element.getAttribute(name)}-new-${count}`);
        }
      }
    }
  }

  document.addEventListener("click", (event) => {
    const add = event.target.closest?.("[data-add-row]");
    const remove = event.target.closest?.("[data-remove-row]");
    if (add) {
      const rows = document.getElementById(add.dataset.addRow);
      const template = rows?.querySelector("template");
      const row = template?.content.firstElementChild?.cloneNode(true);
      if (!row) return;
      renumber(row);
      for (const button of row.querySelectorAll("[data-remove-row]")) button.hidden = false;
      rows.insertBefore(row, template);
      row.querySelector("input, select, textarea")?.focus();
    } else if (remove) {
      const row = remove.closest("[data-row]");
      const next = row?.nextElementSibling?.querySelector("input")
        ?? row?.previousElementSibling?.querySelector("input");
      row?.remove();
      next?.focus();
    }
  });
})();
