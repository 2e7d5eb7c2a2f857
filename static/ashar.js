// Small comforts. Every page works without this file.
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // Menus: close on a click elsewhere and on Escape.
  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of all("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  // One click, one submission. The page may come back from the cache: then all is open again.
  const busy = new WeakSet();
  const release = () => {
    for (const form of all("form[aria-busy]")) {
      busy.delete(form);
      form.removeAttribute("aria-busy");
    }
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    // form.method would be the field of that name
    if (form.getAttribute("method") !== "post" || event.defaultPrevented) return;
    if (busy.has(form)) {
      event.preventDefault();
      return;
    }
    busy.add(form);
    form.setAttribute("aria-busy", "true");
    if (form.elements.attempt) history.replaceState({ attempt: form.elements.attempt.value }, "");
    setTimeout(release, 20000); // a line that broke must not need a reload
  });
  window.addEventListener("pageshow", release);

  // Whoever goes back to a form that was sent gets it anew; sent again, it is still the same one.
  const sent = history.state && history.state.attempt;
  const attempt = document.querySelector("form input[name=attempt]");
  if (sent && attempt) attempt.value = sent;

  // Copy buttons appear only where copying works.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    const label = button.querySelector("[data-label]");
    const before = label.textContent;
    label.textContent = button.dataset.copied;
    setTimeout(() => (label.textContent = before), 2000);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("button[data-print]")) window.print();
  });

  // Suggested amounts are links; here they fill the field and keep what was typed.
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("a[data-fill]");
    const input = chip && document.getElementById(chip.dataset.fill);
    if (!input) return;
    event.preventDefault();
    input.value = chip.dataset.value;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.focus();
  });
  const markChips = (input) => {
    for (const chip of all(`a[data-fill="${CSS.escape(input.id)}"]`)) {
      if (Number(input.value.replace(",", ".")) === Number(chip.dataset.value)) chip.setAttribute("aria-current", "true");
      else chip.removeAttribute("aria-current");
    }
  };
  document.addEventListener("input", (event) => event.target.id && markChips(event.target));

  // Ways of paying that the chosen currency does not allow step aside.
  const filterMethods = (select) => {
    for (const option of all("[data-currencies]", select.form)) {
      const fits = option.dataset.currencies.split(" ").includes(select.value);
      option.hidden = !fits;
      const input = option.querySelector("input");
      input.disabled = !fits;
      if (!fits) input.checked = false;
    }
  };
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-currency]")) filterMethods(event.target);
  });

  // What covering the fees adds is worked out by the server, for the sum and way chosen last.
  const fees = document.querySelector("[data-fees]");
  let asked = 0;
  const askFees = async (form) => {
    const turn = ++asked;
    await new Promise((done) => setTimeout(done, 400));
    if (turn !== asked) return;
    const chosen = ["amount", "currency", "method"].map((name) => [name, new FormData(form).get(name) || ""]);
    const lang = new URLSearchParams(location.search).get("lang");
    const query = new URLSearchParams(lang ? [...chosen, ["lang", lang]] : chosen);
    const answer = await fetch(`${location.pathname}?${query}`, { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok || turn !== asked) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-fees]");
    if (found) fees.replaceChildren(...found.childNodes);
  };
  if (fees) {
    for (const kind of ["input", "change"]) {
      fees.closest("form").addEventListener(kind, (event) => {
        if (["amount", "currency", "method"].includes(event.target.name)) askFees(event.target.form);
      });
    }
  }

  // What is typed into one form of a page outlasts the sending of another, and a look aside.
  const place = (form) => `ashar:${location.pathname}:${form.id}`;
  const kept = () => all("form[data-keep][id]");
  let leaving = null;
  document.addEventListener("submit", (event) => (leaving = event.target));
  window.addEventListener("pagehide", () => {
    for (const form of kept()) {
      const typed = [...new FormData(form)].filter(([name]) => !["csrf_token", "revision", "field"].includes(name));
      if (form === leaving || !typed.some(([, value]) => value)) sessionStorage.removeItem(place(form));
      else sessionStorage.setItem(place(form), JSON.stringify(typed));
    }
  });
  const restore = (form) => {
    const typed = JSON.parse(sessionStorage.getItem(place(form)) || "[]");
    sessionStorage.removeItem(place(form));
    for (const [name, value] of typed) {
      for (const field of all(`[name="${CSS.escape(name)}"]`, form)) {
        if (field.type === "radio" || field.type === "checkbox") field.checked = field.checked || field.value === value;
        else if (!field.value) field.value = value;
      }
    }
    const box = typed.length && form.closest("details");
    if (box) box.open = true;
  };
  for (const form of kept()) restore(form);

  const ready = (root) => {
    if (navigator.clipboard) for (const button of all("button[data-copy]", root)) button.hidden = false;
    for (const button of all("button[data-print]", root)) button.hidden = false;
    for (const select of all("select[data-currency]", root)) filterMethods(select);
  };
  document.addEventListener("htmx:load", (event) => ready(event.target));
  ready(document);
  const errors = document.querySelector(".errors");
  if (errors) errors.focus();
})();
