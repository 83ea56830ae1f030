// Suggests names while one types; without it, a name that is typed is found as well.
"use strict";

(() => {
  const PAUSE = 200;

  const suggest = (field) => {
    const list = document.getElementById(field.getAttribute("list"));
    let timer;
    let running;
    const ask = async () => {
      running?.abort();
      running = new AbortController();
      const query = new URLSearchParams({ q: field.value });
      try {
        const answer = await fetch(`${field.dataset.suggest}?${query}`, {
          signal: running.signal,
        });
        if (!answer.ok) return;
        const { names } = await answer.json();
        list.replaceChildren(
          ...names.map((name) => Object.assign(document.createElement("option"), { value: name })),
        );
      } catch {
        // Overtaken by the next letter, or the network is gone: typing goes on.
      }
    };
    field.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
  };

  document.querySelectorAll("[data-suggest]").forEach(suggest);
})();
