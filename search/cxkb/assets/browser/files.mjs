/**
 * The files that a question is answered from: fetched once, checked, kept for the next visit, decompressed.
 *
 * @typedef {object} Manifest  what site_assets.py writes
 * @property {number} format
 * @property {string | null} model  digest of the model's weights; null when there is search by letters only
 * @property {string} index  digest of what is searched
 * @property {string} rules
 * @property {number} bytes  of all files, compressed
 * @property {Record<string, {name: string, bytes: number, sha256: string}>} files  role -> compressed file
 *
 * @typedef {object} Means  what the browser has; tests give others
 * @property {typeof fetch} [fetch]
 * @property {CacheStorage | null} [cache]  null to keep nothing; where there is none, as in a private window, nothing is
 * @property {(loaded: number, total: number) => void} [onProgress]  compressed bytes so far, of all files
 */

/** The version of the manifest that is read here. */
export const FORMAT = 1;

/** Name of our cache; files of another format lie in another. */
export const CACHE = `cxkb-${FORMAT}`;

const MANIFEST = "manifest.json";

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
  const store = await openStore(means);
  try {
    const response = await get(url, { cache: "no-cache" }, means);
    const manifest = readManifest(await response.clone().text(), url);
    await keep(store, url, response);
    return manifest;
  } catch (error) {
    const kept = error.reason === "offline" && (await store?.match(url));
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
 * @returns {Promise<(role: string) => Promise<ArrayBuffer>>}  `load`: the decompressed file of a role; throws
 *   SearchFilesError
 */
export async function openFiles(base, manifest, means = {}) {
  const store = await openStore(means);
  await dropOlder(store, base, manifest);
  let loaded = 0;
  const count = (bytes) => means.onProgress?.((loaded += bytes), manifest.bytes);

  return async (role) => {
    const file = manifest.files[role];
    if (!file) throw new SearchFilesError("missing", `The manifest names no file for ${role}.`);
    const url = new URL(file.name, base).href;
    const kept = await fromStore(store, url, file);
    if (kept) {
      count(kept.length);
      return decompress(kept);
    }
    const response = await get(url, { cache: store ? "no-store" : "default" }, means); // kept once is enough
    const bytes = await read(response, url, count);
    if (!(await isIntact(bytes, file))) throw new SearchFilesError("damaged", `${url} is not what the manifest promises.`);
    await keep(store, url, new Response(bytes));
    return decompress(bytes);
  };
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

/** The bytes of a response, counted as they come. @returns {Promise<Uint8Array>} */
async function read(response, url, count) {
  const parts = [];
  try {
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      count(value.length);
    }
  } catch (error) {
    throw new SearchFilesError("offline", `The connection broke off in the middle of ${url}.`, { cause: error });
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

/** Whether these are the bytes that the manifest promises. */
async function isIntact(bytes, { bytes: size, sha256 }) {
  if (bytes.length !== size) return false;
  if (!globalThis.crypto?.subtle) return true; // over plain http there are no digests, but gzip has a checksum of its own
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === sha256;
}

/** @param {Uint8Array} bytes  @returns {Promise<ArrayBuffer>} */
async function decompress(bytes) {
  try {
    return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
  } catch (error) {
    throw new SearchFilesError("damaged", "A file cannot be decompressed.", { cause: error });
  }
}

// What is kept is a convenience: whatever goes wrong with it, the network has the files still.

/** @param {Means} means  @returns {Promise<Cache | null>} */
async function openStore({ cache = globalThis.caches ?? null }) {
  return (await cache?.open(CACHE).catch(() => null)) ?? null;
}

/** The kept bytes of a file, if they are what they should be. @returns {Promise<Uint8Array | null>} */
async function fromStore(store, url, file) {
  try {
    const kept = await store?.match(url);
    const bytes = kept && new Uint8Array(await kept.arrayBuffer());
    return bytes && (await isIntact(bytes, file)) ? bytes : null;
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
