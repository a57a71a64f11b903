// A result lives as long as its tab: it is fetched, shown under an address of its own, and kept in memory for back and
// forward. Only who asks for it has it kept in the tab's storage, for a reload. Without this script pages are sent and
// shown as ever. Goes before the page's other scripts, so that it sees the page as the server made it.
(() => {
  "use strict";

  const KEPT = "kept-result";
  const MOST_BYTES = 4 * 1024 * 1024;
  const MOST_PAGES = 20;
  // They outlive the documents that are written into this window.
  window.livingPages ??= {pages: new Map(), shown: null, count: 0};
  const living = window.livingPages;

  const lives = (address) =>
    address.origin === location.origin && /^\/(results|compare)(\/|$)/.test(address.pathname)
    && !address.pathname.startsWith("/results/download/");

  const remember = (key, html) => {
    living.pages.delete(key);
    living.pages.set(key, {html, top: 0});
    if (living.pages.size > MOST_PAGES) living.pages.delete(living.pages.keys().next().value);
  };

  const newKey = () => `${Date.now()}-${living.count += 1}`;

  const write = (key) => {
    living.shown = key;
    const {html} = living.pages.get(key);
    document.open();
    document.write(html);
    document.close();
  };

  const kept = () => {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT));
    } catch {
      return null;
    }
  };

  const show = (html, address, ok) => {
    // A form that comes back with a complaint stays where it was.
    const anew = !ok && ["/", "/compare"].includes(location.pathname);
    const key = anew ? living.shown : newKey();
    remember(key, html);
    if (!anew) history.pushState({key}, "", address.pathname + address.hash);
    write(key);
  };

  const fieldsOf = (form, button) => {
    const fields = new FormData(form);
    if (button?.name) fields.append(button.name, button.value);
    return fields;
  };

  // As without this script, but for what the others do when a form is sent, which is done already.
  const sendPlainly = (form, button, address) => {
    if (button?.name) {
      form.append(Object.assign(document.createElement("input"), {type: "hidden", name: button.name, value: button.value}));
    }
    form.action = address.href;
    form.submit();
  };

  document.addEventListener("submit", async (event) => {
    const {target: form, submitter: button} = event;
    const address = new URL(button?.hasAttribute("formaction") ? button.formAction : form.action, location.href);
    if (event.defaultPrevented || form.method !== "post" || !lives(address)) return;
    event.preventDefault();
    if (form.dataset.sending) return;
    form.dataset.sending = "true";
    document.documentElement.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address.href.split("#")[0], {method: "POST", body: fieldsOf(form, button)});
      if (!answer.headers.get("Content-Type")?.startsWith("text/html")) throw new TypeError("not a page");
      show(await answer.text(), address, answer.ok);
    } catch {
      sendPlainly(form, button, address);
    }
  });

  window.addEventListener("popstate", ({state}) => {
    // A link within the page makes an entry of its own.
    if (!state) return history.replaceState({key: living.shown}, "");
    if (state.key === living.shown) return;
    if (living.pages.has(state.key)) write(state.key);
    else location.reload();
  });
  window.addEventListener("scroll", () => {
    const page = living.pages.get(living.shown);
    if (page) page.top = window.scrollY;
  }, {passive: true});

  const written = living.shown !== null && history.state?.key === living.shown;
  // Gone back or forward while this page was being written.
  if (!written && living.pages.has(history.state?.key)) return write(history.state.key);
  const stored = written ? null : kept();
  if (stored && stored.key === history.state?.key) {
    // Loaded again: what the visitor had kept comes back.
    remember(stored.key, stored.html);
    return write(stored.key);
  }

  if (!written) {
    const key = history.state?.key ?? newKey();
    history.replaceState({...history.state, key}, "");
    remember(key, `<!doctype html>${document.documentElement.outerHTML}`);
    living.shown = key;
  }

  const arrive = () => {
    const {top} = living.pages.get(living.shown) ?? {};
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const heading = document.querySelector("main h1");
    if (heading) {
      // So that a screen reader begins to read the new page.
      heading.tabIndex = -1;
      heading.focus({preventScroll: true});
    }
    if (top) window.scrollTo(0, top);
    else if (target) target.scrollIntoView();
    else window.scrollTo(0, 0);
  };
  if (written) arrive();

  // Keeping a result for a reload.
  const place = document.querySelector("[data-keep]");
  if (!place || !written) return;
  const dialog = document.querySelector("[data-keep-dialog]");
  const status = place.querySelector("[data-keep-status]");
  const find = (name) => document.querySelectorAll(`[data-keep-${name}]`);

  const display = (sentence = "") => {
    const isKept = kept()?.key === living.shown;
    place.hidden = false;
    for (const button of find("yes")) button.hidden = isKept && place.contains(button);
    for (const button of find("forget")) button.hidden = !isKept;
    status.textContent = sentence || (isKept ? place.dataset.isKept : place.dataset.question);
  };

  const keep = () => {
    const {html} = living.pages.get(living.shown);
    const text = JSON.stringify({key: living.shown, html});
    try {
      if (new Blob([text]).size > MOST_BYTES) throw new RangeError("too large");
      sessionStorage.setItem(KEPT, text);
      display();
      return true;
    } catch {
      display(place.dataset.tooLarge);
      return false;
    }
  };

  const asked = () => history.replaceState({...history.state, asked: true}, "");
  for (const button of find("yes")) {
    button.addEventListener("click", () => {
      asked();
      const reload = dialog.open;
      dialog.close();
      if (keep() && reload) location.reload();
    });
  }
  for (const button of find("no")) {
    button.addEventListener("click", () => {
      asked();
      dialog.close();
      location.reload();
    });
  }
  for (const button of find("forget")) {
    button.addEventListener("click", () => {
      sessionStorage.removeItem(KEPT);
      display(place.dataset.forgotten);
    });
  }
  find("close").forEach((button) => button.addEventListener("click", () => dialog.close()));
  window.addEventListener("keydown", (event) => {
    const reload = event.key === "F5" || (event.key.toLowerCase() === "r" && (event.ctrlKey || event.metaKey));
    if (!reload || history.state?.asked || kept()?.key === living.shown) return;
    event.preventDefault();
    dialog.showModal();
  });
  display();
})();
