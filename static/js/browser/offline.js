// "Keep them on this device" and "Remove from this device". Storage that is refused or full only costs a sentence.
import {find, words} from "./page.js";

const SCOPES = ["/private", "/live", "/video"];
const PREFIX = "face-value-";
const COMPLETE = "/browser/complete";

const supported = () => "serviceWorker" in navigator && "caches" in window;

/** Whether a whole copy is on this device. */
export async function isKept() {
  if (!supported()) return false;
  try {
    for (const name of await caches.keys()) {
      if (name.startsWith(PREFIX) && await (await caches.open(name)).match(COMPLETE)) return true;
    }
  } catch {
    return false;
  }
  return false;
}

/** Register one scope, and wait until its files are there; rejects where they cannot be stored. */
async function register(scope) {
  const registration = await navigator.serviceWorker.register("/offline-worker.js", {scope});
  const worker = registration.installing ?? registration.waiting ?? registration.active;
  await new Promise((resolve, reject) => {
    const look = () => {
      if (["installed", "activating", "activated"].includes(worker.state)) resolve();
      if (worker.state === "redundant") reject(new Error("redundant"));
    };
    worker.addEventListener("statechange", look);
    look();
  });
}

async function remove() {
  for (const registration of await navigator.serviceWorker.getRegistrations()) {
    if (SCOPES.includes(new URL(registration.scope).pathname)) await registration.unregister();
  }
  for (const name of await caches.keys()) if (name.startsWith(PREFIX)) await caches.delete(name);
}

/** Offer it, where the browser can. */
export async function keepOffline() {
  const section = find("offline");
  const [keep, forget, status] = [find("keep"), find("remove"), find("offline-status")];
  if (!supported()) return;
  section.hidden = false;
  const show = (kept) => {
    keep.hidden = kept;
    forget.hidden = !kept;
    status.textContent = kept ? words.kept : words.not_kept;
  };
  show(await isKept());
  keep.addEventListener("click", async () => {
    keep.disabled = true;
    status.textContent = words.keeping;
    try {
      for (const scope of SCOPES) await register(scope);
      show(await isKept());
    } catch {
      await remove().catch(() => {});
      status.textContent = words.cannot_keep;
    }
    keep.disabled = false;
  });
  forget.addEventListener("click", async () => {
    await remove();
    show(await isKept());
    status.textContent = words.removed;
    keep.focus();
  });
}
