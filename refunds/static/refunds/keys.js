// Single keys of the console: each presses what bears it as data-key. Silent while
// somebody types, and not there at all for whom they are switched off.
(() => {
  "use strict";

  const TYPED_IN =
    "input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select, [contenteditable]";
  if (document.querySelector("[data-keys-off]")) return;

  // Ready to be confirmed by Enter; where something is missing, that comes first.
  const begin = (way) => {
    const missing = [...way.querySelectorAll("[required]")].find((f) => !f.value);
    (missing || way.querySelector("[data-confirm]"))?.focus();
  };

  const press = (found) => {
    const dialog = document.getElementById(found.dataset.opens || "");
    if (dialog) return dialog.showModal();
    if (found.matches("summary")) {
      found.parentElement.open = true;
      return begin(found.parentElement);
    }
    // An outcome without a form waits for its Enter, like those with one.
    const waits = found.matches("input") || /^\d$/.test(found.dataset.key);
    return waits ? found.focus() : found.click();
  };

  const shut = () => {
    for (const way of document.querySelectorAll("[data-way][open]")) {
      const inside = way.contains(document.activeElement);
      way.open = false;
      if (inside) way.querySelector("summary").focus();
    }
  };

  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    const typing = target.closest(TYPED_IN);
    if (event.ctrlKey || event.metaKey) {
      const confirm = key === "Enter" && typing?.form?.querySelector("[data-confirm]");
      if (confirm) typing.form.requestSubmit(confirm);
      return;
    }
    if (document.querySelector("dialog[open]")) return;
    if (key === "Escape") return shut();
    if (typing) return;
    const all = [...document.querySelectorAll("[data-key]")];
    const found = all.find((one) => one.dataset.key === key && one.offsetParent);
    if (!found) return;
    event.preventDefault();
    press(found);
  });

  document.addEventListener("click", (event) => {
    const opens = event.target.closest("[data-opens]");
    if (opens) document.getElementById(opens.dataset.opens).showModal();
  });
})();
