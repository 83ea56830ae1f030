"use strict";

// The boxes in which the admin's stock script lets one search for a record have no name:
// each gets its field's label, with what is chosen.
(() => {
  const name = (select) => {
    const shown = document.getElementById(`select2-${select.id}-container`);
    const label = document.querySelector(`label[for="${select.id}"]`);
    if (!shown) {
      return;
    }
    const words = label ? label.textContent.trim().replace(/[:：]$/, "") : select.name;
    const chosen = select.selectedOptions[0]?.textContent.trim();
    shown.setAttribute("aria-label", chosen ? `${words}: ${chosen}` : words);
  };
  const nameAll = () => document.querySelectorAll(".admin-autocomplete").forEach(name);

  // Nor have the first and last columns of its tables of rows below a record.
  const heads = document.querySelectorAll(".inline-group thead th");
  const wordless = () => {
    for (const head of heads)
      if (!head.textContent.trim()) head.setAttribute("role", "cell");
  };

  addEventListener("load", () => {
    nameAll();
    wordless();
    // Its changes are told to jQuery alone.
    globalThis.django?.jQuery(document).on("change", ".admin-autocomplete", nameAll);
  });
  document.addEventListener("formset:added", () => setTimeout(nameAll));
})();
