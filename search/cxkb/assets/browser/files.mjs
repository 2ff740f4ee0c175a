/**
 * The files that a question is answered from: fetched once, checked, kept for the next visit, decompressed.
 *
 * @typedef {object} Manifest  what site_assets.py writes
 * @property {number} format
 * @property {string | null} model  digest of the model's weights; null when there is search by letters only
 * @property {string} index  digest of what is searched
 * @property {string} rules
 * @property {number} bytes  of all files, compressed
 * @property {Record<string, File>} files  role -> file
 *
 * @typedef {{name: string, bytes: number, size: number, sha256: string}} File  `bytes` compressed, `size` and digest of what
 *   is in it
 *
 * @typedef {object} Means  what the browser has; tests give others
 * @property {typeof fetch} [fetch]
 * @property {CacheStorage | null} [cache]  null to keep nothing; where there is none, as in a private window, nothing is
 * @property {(loaded: number, total: number) => void} [onProgress]  compressed bytes so far, of all files
 */

/** The version of the manifest that is read here. */
export const FORMAT = 2;

/** Name of our cache; files of another format lie in another. */
export const CACHE = `cxkb-${FORMAT}`;

const MANIFEST = "manifest.json";

/** What every gzip file begins with (RFC 1952, 2.3.1). */
const GZIP = [0x1f, 0x8b];

/**
 * Milliseconds that a file waits for the others before it is kept, since that takes time from loading them. Where they take
 * longer, the network is what is waited for, and a reader who leaves should not have to begin anew.
 */
const PATIENCE = 1000;

/** Why the files cannot be had; the message is a sentence for the log. */
export class SearchFilesError extends Error {
  name = "SearchFilesError";

  /**
   * @param {"missing" | "damaged" | "version" | "offline"} reason
   * @param {string} message
   */
  constructor(reason, message, options) {
    super(message, options);
    this.reason = reason;
  }
}

/**
 * The manifest as it is on the server now, or as it was at the last visit when there is no connection.
 *
 * @param {string | URL} base  address of the folder, with a slash at its end
 * @param {Means} means
 * @returns {Promise<Manifest>}
 */
export async function openManifest(base, means = {}) {
  const url = new URL(MANIFEST, base).href;
  const opening = openStore(means);
  try {
    const response = await get(url, { cache: "no-cache" }, means);
    const manifest = readManifest(await response.clone().text(), url);
    opening.then((store) => keep(store, url, response)); // nobody need wait for it
    return manifest;
  } catch (error) {
    const kept = error.reason === "offline" && (await (await opening)?.match(url));
    if (kept) return readManifest(await kept.text(), url);
    throw error;
  }
}

/** Whether all files are kept from an earlier visit. @param {string | URL} base  @param {Manifest} manifest  @param {Means} means */
export async function areKept(base, manifest, means = {}) {
  const store = await openStore(means);
  const kept = await Promise.all(addresses(base, manifest).map((url) => store?.match(url)));
  return kept.every(Boolean);
}

/**
 * Files of older manifests are dropped from the cache on the way.
 *
 * @param {string | URL} base
 * @param {Manifest} manifest
 * @param {Means} means
 * @returns {Promise<Files>}
 *
 * @typedef {object} Files
 * @property {(role: string) => Promise<ArrayBuffer>} load  the content of a file; throws SearchFilesError
 * @property {() => Promise<void>} kept  called when all is loaded; resolves when it is kept for the next visit, or
 *   cannot be
 */
export async function openFiles(base, manifest, means = {}) {
  const store = await openStore(means);
  const older = dropOlder(store, base, manifest);
  const keeping = [older]; // before anything new: there may be no room for both
  let finish;
  const complete = new Promise((resolve) => (finish = resolve));
  let loaded = 0;
  const count = (bytes) => {
    loaded = Math.min(loaded + bytes, manifest.bytes);
    means.onProgress?.(loaded, manifest.bytes);
  };

  const load = async (role) => {
    const file = manifest.files[role];
    if (!file) throw new SearchFilesError("missing", `The manifest names no file for ${role}.`);
    const url = new URL(file.name, base).href;
    const before = await fromStore(store, url, file);
    if (before) {
      count(file.bytes);
      return before;
    }
    const response = await get(url, { cache: store ? "no-store" : "default" }, means); // kept once is enough
    const { arrived, content } = await unpack(response, count);
    if (!(await isIntact(content, file))) throw new SearchFilesError("damaged", `${url} is not what the manifest promises.`);
    if (store) {
      const time = Promise.race([complete, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
      keeping.push(Promise.all([older, time]).then(() => keep(store, url, new Response(new Blob(arrived)))));
    }
    return content;
  };
  const kept = async () => {
    finish();
    await Promise.all(keeping);
  };
  return { load, kept };
}

/** @param {string} text  @returns {Manifest} */
function readManifest(text, url) {
  let manifest;
  try {
    manifest = JSON.parse(text);
  } catch (error) {
    throw new SearchFilesError("damaged", `${url} is no manifest.`, { cause: error });
  }
  if (manifest?.format !== FORMAT) {
    throw new SearchFilesError("version", `${url} has format ${manifest?.format}; this code reads ${FORMAT}.`);
  }
  return manifest;
}

/** @param {string | URL} base  @param {Manifest} manifest */
function addresses(base, manifest) {
  return Object.values(manifest.files).map(({ name }) => new URL(name, base).href);
}

/** @param {Means} means  @returns {Promise<Response>} */
async function get(url, options, { fetch = globalThis.fetch }) {
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    throw new SearchFilesError("offline", `${url} cannot be reached.`, { cause: error });
  }
  if (!response.ok) throw new SearchFilesError("missing", `${url} gives ${response.status}.`);
  return response;
}

/**
 * What is in a file, decompressed while it comes. Some hosts declare our files to be compressed in transit only; then the
 * browser has decompressed them before we see them.
 *
 * @param {Response} response
 * @param {(bytes: number) => void} count  called with the number of bytes that came
 * @returns {Promise<{arrived: Uint8Array[], content: ArrayBuffer}>}  the bytes as they came, and what is in them
 */
async function unpack(response, count) {
  const reader = response.body.getReader();
  const arrived = [];
  const next = async () => {
    const { value } = await reader.read().catch((error) => {
      throw new SearchFilesError("offline", `The connection broke off in the middle of ${response.url}.`, { cause: error });
    });
    if (value) {
      arrived.push(value);
      count(value.length);
    }
    return value;
  };
  const first = await next();
  if (!GZIP.every((byte, at) => first?.[at] === byte)) {
    while (await next());
    return { arrived, content: await new Blob(arrived).arrayBuffer() };
  }
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  const feed = async () => {
    for (let part = first; part; part = await next()) await writer.write(part);
    await writer.close();
  };
  const damaged = (error) => {
    throw error instanceof SearchFilesError
      ? error
      : new SearchFilesError("damaged", `${response.url} cannot be decompressed.`, { cause: error });
  };
  const [content] = await Promise.all([new Response(readable).arrayBuffer(), feed()]).catch(damaged);
  return { arrived, content };
}

/** Whether this is what the manifest promises. */
async function isIntact(content, { size, sha256 }) {
  if (content.byteLength !== size) return false;
  // Over plain http there are no digests; but gzip has a checksum of its own, and nobody's word can be trusted there.
  if (!globalThis.crypto?.subtle) return true;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

// What is kept is a convenience: whatever goes wrong with it, the network has the files still.

/** @param {Means} means  @returns {Promise<Cache | null>} */
async function openStore({ cache = globalThis.caches ?? null }) {
  return (await cache?.open(CACHE).catch(() => null)) ?? null;
}

/** What is in a kept file, if it is what it should be. @returns {Promise<ArrayBuffer | null>} */
async function fromStore(store, url, file) {
  try {
    const kept = await store?.match(url);
    const { content } = kept ? await unpack(kept, () => {}) : {};
    return content && (await isIntact(content, file)) ? content : null;
  } catch {
    return null;
  }
}

async function keep(store, url, response) {
  await store?.put(url, response).catch((error) => console.info(`cxkb: not kept for the next visit (${error})`));
}

async function dropOlder(store, base, manifest) {
  const current = new Set([...addresses(base, manifest), new URL(MANIFEST, base).href]);
  const kept = (await store?.keys().catch(() => [])) ?? [];
  const older = kept.filter(({ url }) => url.startsWith(new URL(base).href) && !current.has(url));
  await Promise.all(older.map((request) => store.delete(request).catch(() => false)));
}
