// The rule form: how the rule will read, asked anew whenever somebody pauses typing.
// Without it the Preview button does the same.
(() => {
  "use strict";

  const PAUSE = 400;
  const form = document.querySelector("form[data-reading-url]");
  const reading = document.getElementById("reading");
  if (!form || !reading) return;

  let waiting;
  let running;

  const read = async () => {
    if (running) running.abort();
    running = new AbortController();
    const { signal } = running;
    try {
      const answer = await fetch(form.dataset.readingUrl, {
        method: "POST",
        body: new FormData(form),
        signal,
      });
      if (answer.ok && !answer.redirected) reading.innerHTML = await answer.text();
    } catch (error) {
      if (error.name !== "AbortError") return;
    }
  };

  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(read, PAUSE);
  });
})();
