// Makes pages nicer that work without it. No words in here: they come from the page.
"use strict";

(() => {
  const PAUSE = 600;
  const RETRY_AFTER = 8000;

  const fill = (words, name) => words.replace("{name}", name);

  // What came back is the fragment itself or a whole page that contains it. A page
  // without it, reached by a redirect, is the sign-in page: the session has ended.
  const swap = (target, { html, moved }) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    const found = target.id && page.getElementById(target.id);
    if (moved && !found) throw new Error("moved");
    target.replaceChildren(...(found || page.body).childNodes);
    enhance(target);
    return page;
  };

  // Signing in again in another window changed the key that every form carries.
  const freshKey = (form) => {
    const key = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie);
    const field = form.elements.csrfmiddlewaretoken;
    if (key && field) [, field.value] = key;
  };

  const answers = (form) => {
    freshKey(form);
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    return data;
  };

  const post = async (url, body, signal) => {
    const response = await fetch(url, {
      method: "POST",
      body,
      signal,
      headers: { "X-Requested-With": "XMLHttpRequest" },
    });
    if (!response.ok && response.status !== 422) throw new Error(response.statusText);
    return { html: await response.text(), moved: response.redirected };
  };

  const afterPause = (act) => {
    let timer;
    return () => {
      clearTimeout(timer);
      timer = setTimeout(act, PAUSE);
    };
  };

  // The estimate is filled in until somebody writes an amount of their own.
  const fillAmount = (form, sum) => {
    const amount = form.elements.amount;
    if (!amount || (amount.value && amount.value !== form.dataset.filled)) return;
    form.dataset.filled = amount.value = sum && Number(sum.value) ? sum.value : "";
  };

  // Saving brings the estimate beside the form; an answer that a newer question overtook is dropped.
  const estimate = (form) => {
    const target = document.getElementById("estimate");
    const said = document.querySelector("[data-saved]");
    let running;
    return afterPause(async () => {
      running?.abort();
      running = new AbortController();
      const { signal } = running;
      target.setAttribute("aria-busy", "true");
      try {
        const page = swap(target, await post(form.dataset.estimateUrl, answers(form), signal));
        document.getElementById("needed").replaceChildren(...page.getElementById("needed").childNodes);
        if (said) said.textContent = said.dataset.saved;
        const sum = target.querySelector("[data-estimate-sum]");
        fillAmount(form, target.querySelector("[data-estimate-sum] data"));
        for (const echo of document.querySelectorAll("[data-estimate-echo]"))
          echo.textContent = sum ? sum.textContent : "";
      } catch (error) {
        if (error.name === "AbortError") return;
        const { signedOut, notSaved } = said?.dataset ?? {};
        if (said) said.textContent = error.message === "moved" ? signedOut : notSaved;
      }
      target.removeAttribute("aria-busy");
    });
  };

  const watch = (form) => {
    if (!form.dataset.estimateUrl) return;
    const save = estimate(form);
    const changed = (event) => {
      if (event.target.type !== "file") save();
    };
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    form.addEventListener("evidence", save);
  };

  const uploadRow = (zone, file) => {
    const row = document.createElement("li");
    const name = document.createElement("span");
    const share = document.createElement("span");
    const bar = document.createElement("progress");
    const cancel = document.createElement("button");
    name.textContent = fill(zone.dataset.uploading, file.name);
    share.className = "figures muted";
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", name.textContent);
    cancel.type = "button";
    cancel.className = "btn btn-link";
    cancel.textContent = zone.dataset.cancel;
    row.append(name, share, bar, cancel);
    const sent = (event) => {
      if (!event.lengthComputable) return;
      bar.value = event.loaded / event.total;
      share.textContent = `${Math.floor(bar.value * 100)}%`;
      if (bar.value === 1) name.textContent = fill(zone.dataset.checking, file.name);
    };
    return { row, sent, cancel };
  };

  // Why a file was not taken stays there until its sender has read it.
  const refuse = (zone, row, words) => {
    const why = document.createElement("p");
    const away = document.createElement("button");
    row.className = "upload-refused";
    why.className = "field-error";
    why.setAttribute("role", "alert");
    why.textContent = words;
    away.type = "button";
    away.className = "btn btn-link";
    away.textContent = zone.dataset.remove;
    away.addEventListener("click", () => {
      row.remove();
      zone.querySelector("input").focus();
    });
    row.replaceChildren(why, away);
  };

  const upload = (zone, form, file) =>
    new Promise((done) => {
      const said = form.querySelector("[data-upload-said]");
      const target = document.querySelector(zone.dataset.target);
      const { row, sent, cancel } = uploadRow(zone, file);
      const data = new FormData();
      const request = new XMLHttpRequest();
      form.querySelector("[data-uploads]").append(row);
      said.textContent = fill(zone.dataset.uploading, file.name);
      freshKey(form);
      data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      data.append("file", file);
      const failed = () => {
        refuse(zone, row, fill(zone.dataset.failed, file.name));
        done();
      };
      request.upload.onprogress = sent;
      request.onload = () => {
        if (request.status !== 200 && request.status !== 422) return failed();
        try {
          const moved = new URL(request.responseURL).pathname !== zone.dataset.uploadUrl;
          swap(target, { html: request.responseText, moved });
        } catch {
          return failed();
        }
        const refusal = target.querySelector("[data-refusal]");
        if (refusal) {
          refuse(zone, row, refusal.textContent.trim());
          refusal.remove();
          return done();
        }
        row.remove();
        said.textContent = fill(zone.dataset.uploaded, file.name);
        form.dispatchEvent(new Event("evidence"));
        return done();
      };
      request.onerror = failed;
      request.onabort = () => {
        row.remove();
        done();
      };
      cancel.addEventListener("click", () => request.abort());
      request.open("POST", zone.dataset.uploadUrl);
      request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      request.send(data);
    });

  const dropZone = (zone) => {
    const input = zone.querySelector('input[type="file"]');
    const form = input.form;
    const take = async (files) => {
      for (const file of files) await upload(zone, form, file);
    };
    input.addEventListener("change", () => {
      const files = [...input.files];
      input.value = "";
      take(files);
    });
    for (const name of ["dragenter", "dragover"])
      zone.addEventListener(name, (event) => {
        event.preventDefault();
        zone.classList.add("drop-over");
      });
    for (const name of ["dragleave", "drop"])
      zone.addEventListener(name, () => zone.classList.remove("drop-over"));
    zone.addEventListener("drop", (event) => {
      event.preventDefault();
      take([...event.dataTransfer.files]);
    });
  };

  const remover = (button) => {
    const target = button.closest("#evidence");
    if (!target || !button.form) return;
    const remove = async (event) => {
      event.preventDefault();
      const { form } = button;
      try {
        swap(target, await post(button.formAction, answers(form)));
        form.elements.file.focus();
        form.dispatchEvent(new Event("evidence"));
      } catch {
        button.removeEventListener("click", remove);
        button.click();
      }
    };
    button.addEventListener("click", remove);
  };

  const copier = (button) => {
    if (!navigator.clipboard) return;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy);
      const said = button.nextElementSibling;
      if (said) said.textContent = button.dataset.copied;
    });
  };

  // The server catches doubles too; this only spares the reader its answer.
  const sendOnce = (event) => {
    const form = event.target;
    freshKey(form);
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    setTimeout(() => delete form.dataset.sent, RETRY_AFTER);
  };

  const shutMenus = (event) => {
    if (event.type === "keydown" && event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("[data-menu][open]")) {
      if (event.type === "click" && menu.contains(event.target)) continue;
      menu.open = false;
      if (event.type === "keydown") menu.querySelector("summary").focus();
    }
  };

  const enhance = (root) => {
    root.querySelectorAll("[data-with-script]").forEach((part) => {
      part.hidden = false;
    });
    root.querySelectorAll("[data-without-script]").forEach((part) => {
      part.hidden = true;
    });
    root.querySelectorAll("form").forEach(watch);
    root.querySelectorAll("[data-upload-url]").forEach(dropZone);
    root.querySelectorAll("[data-evidence-remove]").forEach(remover);
    root.querySelectorAll("[data-copy]").forEach(copier);
    root.querySelectorAll("[data-print]").forEach((button) => {
      button.addEventListener("click", () => window.print());
    });
  };

  enhance(document);
  document.querySelector("[data-focus]")?.focus();
  document.addEventListener("submit", sendOnce);
  document.addEventListener("click", shutMenus);
  document.addEventListener("keydown", shutMenus);
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
})();

// The calculator: each answer brings what is asked next, and the estimate. A part that
// somebody is answering in stays as it is; the address goes along, so that it can be sent.
(() => {
  const PAUSE = 400;

  const refresh = async (form, changed, signal) => {
    const query = new URLSearchParams(new FormData(form));
    const response = await fetch(`${form.dataset.liveUrl}?${query}`, { signal });
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const part of form.querySelectorAll("[data-live]")) {
      const names = part.dataset.live.split(" ");
      const stale = names.includes("*") || names.some((name) => changed.has(name));
      if (!stale || part.contains(document.activeElement)) continue;
      part.replaceChildren(...page.getElementById(part.id).childNodes);
    }
    changed.clear();
    history.replaceState(null, "", `?${query}`);
  };

  const live = (form) => {
    const changed = new Set();
    let timer;
    let running;
    form.addEventListener("input", (event) => {
      changed.add(event.target.name);
      clearTimeout(timer);
      timer = setTimeout(() => {
        running?.abort();
        running = new AbortController();
        // Without an answer the button is still there.
        refresh(form, changed, running.signal).catch(() => {});
      }, PAUSE);
    });
  };

  document.querySelectorAll("[data-live-url]").forEach(live);
})();
