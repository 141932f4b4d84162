// The deploy form suggests tags of the image that is typed, where its registry
// tells them. Without this script a button asks for them.
(() => {
  "use strict";
  const input = document.querySelector("input[data-tags]");
  const list = input && document.getElementById(input.getAttribute("list"));
  if (!list) return;
  let asked = "";
  let asking;
  let timer;

  async function suggest() {
    // What stands before the tag; a colon before the last slash is a port's.
    const image = input.value.trim().replace(/@.*$/, "").replace(/:[^:/]*$/, "");
    if (image.length < 2 || image === asked) return;
    asked = image;
    asking?.abort();
    asking = new AbortController();
    try {
      const answer = await fetch(`${input.dataset.tags}?image=${encodeURIComponent(image)}`, {
        signal: asking.signal, headers: { Accept: "application/json" },
      });
      if (!answer.ok) return;
      const { tags } = await answer.json();
      list.replaceChildren(...tags.map((tag) => {
        const option = document.createElement("option");
        option.value = `${image}:${tag}`;
        return option;
      }));
    } catch { /* Only a help: without it, the tag is typed. */ }
  }

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(suggest, 500); });
  input.addEventListener("change", suggest);
})();
