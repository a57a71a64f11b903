// Keeps /private, /live and /video with their files on the device, if the visitor asks for it. Nothing else is ever
// kept, and every file is checked by its sha256: a new version takes the place of the old one whole, or not at all.
const LIST = "/browser/offline.json";
const PREFIX = "face-value-";
const COMPLETE = "/browser/complete";
const PAGES = ["/private", "/live", "/video"];

const hex = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The name of the complete copy, or null. */
async function current() {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && await (await caches.open(name)).match(COMPLETE)) return name;
  }
  return null;
}

async function keep({url, sha256}, cache) {
  const response = await fetch(url, {cache: "no-cache", credentials: "omit"});
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  if (hex(await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer())) !== sha256) throw new Error(`${url} is not what it should be`);
  await cache.put(url, response);
}

/** Fetch the version that the site has now, unless it is here. Rejects, and leaves what was, if anything fails. */
async function update() {
  const list = await (await fetch(LIST, {cache: "no-cache", credentials: "omit"})).json();
  const name = PREFIX + list.version;
  const old = await current();
  if (old === name) return;
  await caches.delete(name);
  const cache = await caches.open(name);
  try {
    for (const file of list.files) await keep(file, cache);
    await cache.put(COMPLETE, new Response(list.version));
  } catch (error) {
    await caches.delete(name);
    throw error;
  }
  if (old) await caches.delete(old);
}

// The three registrations are of the same files: one fetches them, the others wait for it.
const updated = () => navigator.locks ? navigator.locks.request("face-value-offline", update) : update();

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(updated());
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const {request} = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && !PAGES.includes(address.pathname)) return;
  event.respondWith(answer(request, address, event));
});

async function answer(request, address, event) {
  const name = await current();
  const key = request.mode === "navigate" ? address.pathname : address.pathname + address.search;
  const kept = name && await (await caches.open(name)).match(key);
  if (!kept) return fetch(request);
  // A page is shown as it is kept; a new version is fetched beside it, for the next time.
  if (request.mode === "navigate") event.waitUntil(updated().catch(() => {}));
  return kept;
}
