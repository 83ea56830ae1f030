// Who else has this case open: htmx asks every ten seconds; here we tell when we leave,
// and stop claiming what nobody has confirmed for as long as a lease lasts.
(() => {
  "use strict";

  const LEASE = 30000;
  const said = document.querySelector("[data-presence]");
  const token = document.querySelector("[name=csrfmiddlewaretoken]");
  if (!said || !token) return;

  let heard = Date.now();

  const leave = () => {
    const data = new FormData();
    data.append("csrfmiddlewaretoken", token.value);
    navigator.sendBeacon(said.dataset.leaveUrl, data);
  };

  said.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) heard = Date.now();
    else if (Date.now() - heard >= LEASE) said.replaceChildren();
  });
  // Where the session has ended, the answer is the sign-in page: nothing to be said here.
  said.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr } = event.detail;
    if (new URL(xhr.responseURL).pathname !== said.getAttribute("hx-post"))
      event.detail.shouldSwap = false;
  });
  window.addEventListener("pagehide", leave);
})();
