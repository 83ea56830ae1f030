// Who else has this case open: said every ten seconds, and told when we leave. The words
// come from the server; without this file they stand as the page was loaded.
(() => {
  "use strict";

  const EVERY = 10000;
  const LEASE = 30000;
  const said = document.querySelector("[data-presence-url]");
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (!said || !token) return;

  let heard = Date.now();

  const answers = () => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", token.value);
    return data;
  };

  // Said anew only where it changed, so that a screen reader doesn't repeat it.
  const say = (words) => {
    if (said.textContent.trim() !== words) said.textContent = words;
  };

  const stay = async () => {
    try {
      const answer = await fetch(said.dataset.presenceUrl, {
        method: "POST",
        body: answers(),
      });
      if (answer.redirected || !answer.ok) throw new Error(answer.statusText);
      say((await answer.json()).words);
      heard = Date.now();
    } catch {
      // What nobody confirms for as long as a lease lasts is not claimed any more.
      if (Date.now() - heard >= LEASE) say("");
    }
  };

  const leave = () => navigator.sendBeacon(said.dataset.leaveUrl, answers());

  stay();
  setInterval(stay, EVERY);
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) stay();
  });
})();
