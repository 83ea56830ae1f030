// The decision sheet: one small form open at a time, canned replies, the image viewer.
// No words in here: they come from the page.
(() => {
  "use strict";

  const SIZES = 5;

  const onlyOne = (way) => {
    way.addEventListener("toggle", () => {
      if (!way.open) return;
      for (const other of document.querySelectorAll("[data-way][open]"))
        if (other !== way) other.open = false;
    });
  };

  // In place of the server's answer, which would bring the page back filled in.
  const fill = (button) => {
    button.addEventListener("click", (event) => {
      const { form } = button;
      const chosen = form.elements.canned.selectedOptions[0];
      const box = form.elements[button.dataset.fills];
      event.preventDefault();
      if (!chosen.dataset.words) return;
      box.value = [box.value, chosen.dataset.words].filter(Boolean).join("\n\n");
      box.focus();
    });
  };

  const viewer = (file) => {
    const image = file.querySelector(".viewer img");
    const said = file.querySelector("[data-view-said]");
    if (!image) return;
    let size = 0;
    let turned = 0;
    const show = () => {
      image.className = `size-${size} turned-${turned}`;
      if (said) said.textContent = `${100 + size * 50}% ${turned * 90}°`;
    };
    const acts = {
      closer: () => (size = Math.min(size + 1, SIZES)),
      farther: () => (size = Math.max(size - 1, 0)),
      fit: () => (size = turned = 0),
      turn: () => (turned = (turned + 1) % 4),
    };
    for (const button of file.querySelectorAll("[data-view]"))
      button.addEventListener("click", () => {
        acts[button.dataset.view]();
        show();
      });
  };

  document.querySelectorAll("[data-way]").forEach(onlyOne);
  document.querySelectorAll("[data-fills]").forEach(fill);
  document.querySelectorAll("[data-evidence]").forEach(viewer);
})();
