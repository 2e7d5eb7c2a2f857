// The desk on a weak line: what is typed is kept on this device until the server has it, what was
// cut is sent again, photos are made smaller and sent one by one. All of it works without this file.
(() => {
  "use strict";

  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const PATIENCE = 120000;

  // A word about the line; the words stand in the page, in its language.
  const tell = (what) => {
    const line = document.getElementById("line");
    if (!line) return;
    line.textContent = what ? line.dataset[what] : "";
    line.hidden = !what;
  };

  // Wait, or until the line is back.
  const pause = (seconds) =>
    new Promise((go) => {
      const done = () => {
        clearTimeout(timer);
        window.removeEventListener("online", done);
        go();
      };
      const timer = setTimeout(done, seconds * 1000);
      window.addEventListener("online", done);
    });

  // A host's sign-in may be elsewhere, where no script of ours may look: it then seems a cut line.
  const signedOut = async () => {
    try {
      const found = await fetch(location.href, { method: "HEAD", redirect: "manual" });
      return found.type === "opaqueredirect";
    } catch {
      return false;
    }
  };

  // ---- what is typed ----

  const place = (form) => `ashar-desk ${location.pathname} ${form.id}`;
  const proof = (name) => name.endsWith("csrf_token");
  const typed = (form) =>
    [...new FormData(form)].filter(([name, value]) => !proof(name) && typeof value === "string");
  const told = (pairs) =>
    JSON.stringify(pairs.filter(([name, value]) => value && !/(^|-)(key|base|attempt)$/.test(name)));
  const keep = (form) => {
    try {
      localStorage.setItem(place(form), JSON.stringify(typed(form)));
    } catch {
      // Full, or not allowed: then it is as without this file.
    }
  };
  const kept = (form) => {
    try {
      return JSON.parse(localStorage.getItem(place(form)));
    } catch {
      return null;
    }
  };
  const drop = (key) => {
    try {
      localStorage.removeItem(key);
    } catch {
      // Nothing was kept.
    }
  };

  // A list may have had more lines when it was typed than the page has now.
  const addLines = (form, names) => {
    const number = /^lines-(\d+)-/;
    const most = Math.max(-1, ...names.map((name) => Number((number.exec(name) || [0, -1])[1])));
    for (;;) {
      const lines = all(".line-fields", form);
      const last = lines.at(-1);
      if (!last || lines.length > most) return;
      const copy = last.cloneNode(true);
      copy.removeAttribute("id");
      for (const one of all("[id], [name], [for], [aria-describedby]", copy)) {
        for (const name of ["id", "name", "for", "aria-describedby"]) {
          const value = one.getAttribute(name);
          if (value) one.setAttribute(name, value.replaceAll(/lines-\d+-/g, `lines-${lines.length}-`));
        }
      }
      last.after(copy);
    }
  };
  const fill = (form, pairs) => {
    addLines(form, pairs.map(([name]) => name));
    const values = new Map();
    for (const [name, value] of pairs) values.set(name, [...(values.get(name) || []), value]);
    for (const one of form.elements) {
      if (!one.name || proof(one.name) || ["file", "submit", "button"].includes(one.type)) continue;
      const found = values.get(one.name);
      if (one.type === "checkbox" || one.type === "radio") one.checked = Boolean(found && found.includes(one.value));
      else if (found) one.value = found[0];
    }
  };
  const bring = (form) => {
    const before = kept(form);
    if (!before) return;
    if (told(before) === told(typed(form))) {
      drop(place(form));
      return;
    }
    fill(form, before);
    tell("restored");
  };
  const note = (event) => {
    const form = event.target.form;
    if (form && form.matches("form[data-keep]")) keep(form);
  };
  document.addEventListener("input", note);
  document.addEventListener("change", note);

  // ---- sending ----

  let here = location.pathname + location.search;
  const show = (page, address) => {
    document.title = page.title;
    document.querySelector("main").replaceWith(page.querySelector("main"));
    if (address) {
      history.pushState(null, "", address);
      here = location.pathname + location.search;
    }
    ready();
    document.dispatchEvent(new Event("htmx:load")); // other scripts look at the page again
    const first = document.querySelector(".errors") || document.querySelector("main");
    first.focus({ preventScroll: true });
    first.scrollIntoView();
  };
  window.addEventListener("popstate", () => {
    if (location.pathname + location.search !== here) location.reload();
  });

  const body = (form, button) => {
    const fields = new FormData(form);
    if (button && button.name) fields.append(button.name, button.value);
    const plain = new URLSearchParams(fields);
    // Long texts in Cyrillic letters are three times as long there.
    return plain.toString().length > 6000 ? fields : plain;
  };
  const busy = new WeakSet();
  const send = async (form, button) => {
    if (busy.has(form)) return;
    busy.add(form);
    form.setAttribute("aria-busy", "true");
    keep(form);
    const key = place(form);
    for (let wait = 1; ; wait = Math.min(wait * 2, 30)) {
      try {
        tell("sending");
        const answer = await fetch(form.getAttribute("action") || location.href, {
          method: "POST",
          body: body(form, button),
          signal: AbortSignal.timeout(PATIENCE),
        });
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (answer.status < 500 && answer.status !== 429) {
          take(answer, page, key, button);
          break;
        }
      } catch {
        if (await signedOut()) {
          tell("out");
          location.reload();
          return;
        }
      }
      tell("kept");
      await pause(wait);
    }
    busy.delete(form);
    form.removeAttribute("aria-busy");
  };
  const take = (answer, page, key, button) => {
    const desk = page.querySelector("main.desk");
    if (answer.redirected && !desk) {
      location.assign(answer.url); // to sign in; what was typed is kept
      return;
    }
    if (answer.redirected) drop(key);
    show(page, answer.redirected ? answer.url : "");
    // Refused: what is in the form now is what is kept, with the revision that it builds on now.
    if (!answer.redirected) for (const form of all("form[data-keep]")) if (place(form) === key) keep(form);
    const more = button && button.value === "more" && document.getElementById("more");
    if (more) more.scrollIntoView();
  };
  document.addEventListener(
    "submit",
    (event) => {
      if (!event.target.matches("form[data-keep]") || event.defaultPrevented) return;
      event.preventDefault();
      send(event.target, event.submitter);
    },
    true,
  );

  // ---- photos: those that wait lie in the browser's own database ----

  const LARGEST = 200000;
  const SIZES = [[1600, 0.8], [1600, 0.65], [1280, 0.65], [1024, 0.6], [800, 0.55], [640, 0.5]];
  const asked = (request) =>
    new Promise((good, bad) => {
      request.onsuccess = () => good(request.result);
      request.onerror = () => bad(request.error);
    });
  const shelf = {
    memory: [],
    async open() {
      const request = indexedDB.open("ashar-desk", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("photos", { keyPath: "id" });
      return (await asked(request)).transaction("photos", "readwrite").objectStore("photos");
    },
    async put(photo) {
      this.memory.push(photo);
      try {
        await asked((await this.open()).put(photo));
      } catch {
        // It is sent from memory then.
      }
    },
    async take(id) {
      this.memory = this.memory.filter((photo) => photo.id !== id);
      try {
        await asked((await this.open()).delete(id));
      } catch {
        // It was in memory alone.
      }
    },
    async of(path) {
      try {
        for (const photo of await asked((await this.open()).getAll())) {
          if (!this.memory.some((one) => one.id === photo.id)) this.memory.push(photo);
        }
      } catch {
        // As above.
      }
      return this.memory.filter((photo) => photo.path === path).sort((a, b) => (a.id < b.id ? -1 : 1));
    },
  };

  const drawn = (canvas, quality) =>
    new Promise((go) =>
      canvas.toBlob(
        (made) => (made && made.type === "image/webp" ? go(made) : canvas.toBlob(go, "image/jpeg", quality)),
        "image/webp",
        quality,
      ),
    );
  const shrink = async (file) => {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    let made = null;
    for (const [edge, quality] of SIZES) {
      const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      made = await drawn(canvas, quality);
      if (made && made.size <= LARGEST) break;
    }
    return made;
  };

  const photosForm = () => document.querySelector("form[data-photos]");
  const entry = (id, name) => {
    const list = document.querySelector(".sent");
    if (!list) return null;
    let item = all("li", list).find((one) => one.dataset.id === id);
    if (!item) {
      item = document.createElement("li");
      item.dataset.id = id;
      item.append(Object.assign(document.createElement("span"), { textContent: name }));
      item.append(Object.assign(document.createElement("progress"), { max: 1, value: 0, ariaLabel: name }));
      item.append(document.createElement("small"));
      list.append(item);
    }
    return item;
  };
  const mark = (photo, words, share) => {
    const item = entry(photo.id, photo.name);
    if (!item) return;
    item.querySelector("small").textContent = words;
    const bar = item.querySelector("progress");
    if (share === undefined) bar.remove();
    else if (bar) bar.value = share;
  };

  const upload = (form, photo) =>
    new Promise((go) => {
      const request = new XMLHttpRequest();
      const fields = new FormData();
      fields.append("csrf_token", form.elements.csrf_token.value);
      fields.append("quietly", "1");
      fields.append("photos", photo.blob, photo.name);
      request.open("POST", form.getAttribute("action"));
      request.timeout = PATIENCE;
      request.upload.onprogress = (event) => mark(photo, form.dataset.sending, event.loaded / event.total);
      request.onload = () => go(request);
      request.onerror = request.ontimeout = request.onabort = () => go(null);
      request.send(fields);
    });
  let working = false;
  const work = async () => {
    if (working || !photosForm()) return;
    working = true;
    const path = location.pathname;
    let sent = 0;
    for (let wait = 1; location.pathname === path && photosForm(); ) {
      const [photo] = await shelf.of(path);
      if (!photo) break;
      const form = photosForm();
      mark(photo, form.dataset.sending, 0);
      const answer = await upload(form, photo);
      if (answer && answer.status === 204) {
        await shelf.take(photo.id);
        mark(photo, form.dataset.sent);
        sent += 1;
        wait = 1;
      } else if (answer && answer.status < 300) {
        location.reload(); // the sign-in has ended; the photos wait here
        return;
      } else if (answer && answer.status < 500 && answer.status !== 429) {
        await shelf.take(photo.id);
        mark(photo, answer.getResponseHeader("Content-Type").startsWith("text/plain") ? answer.responseText : "✕");
      } else {
        mark(photo, form.dataset.waiting, 0);
        await pause(wait);
        wait = Math.min(wait * 2, 30);
      }
    }
    working = false;
    if (sent && location.pathname === path) await refresh();
  };
  // The list below, with what was sent; what is typed in it comes back by itself.
  const refresh = async () => {
    const words = all(".sent li").filter((item) => item.querySelector("small").textContent);
    try {
      const answer = await fetch(location.href, { signal: AbortSignal.timeout(PATIENCE) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!answer.ok || !page.querySelector("main.desk")) return;
      document.querySelector("main").replaceWith(page.querySelector("main"));
      const list = document.querySelector(".sent");
      if (list) list.append(...words);
      ready();
    } catch {
      // They are there when the page is opened the next time.
    }
  };
  document.addEventListener("change", async (event) => {
    const form = event.target.form;
    if (!form || event.target.type !== "file" || !form.matches("form[data-photos]")) return;
    const files = [...event.target.files].slice(0, Number(form.dataset.room));
    const path = location.pathname;
    event.target.value = "";
    for (const [number, file] of files.entries()) {
      const photo = { id: `${Date.now()}-${String(number).padStart(3, "0")}`, path, name: file.name };
      mark(photo, form.dataset.shrinking, 0);
      try {
        photo.blob = await shrink(file);
        await shelf.put(photo);
        mark(photo, form.dataset.waiting, 0);
        work();
      } catch {
        mark(photo, form.dataset.unreadable);
      }
    }
  });

  const ready = () => {
    if (!document.querySelector(".errors")) for (const form of all("form[data-keep]")) bring(form);
    for (const one of all("form[data-photos] [data-plain]")) one.hidden = true;
    work();
  };
  ready();
})();
