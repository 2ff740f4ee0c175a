/**
 * Loads the files in a worker of its own, so that the texts are made ready while the model is still being decompressed.
 *
 * Gets `{manifest, base, port}`, once. Says `{progress: {loaded, total}}`, in bytes, or `{failed, detail}`; what is in each
 * file goes to the port, as `{role, content}`. Ends when all is kept for the next visit.
 */

import { openFiles } from "./files.mjs";

/** Milliseconds: the question that waits for the files comes first, then they are kept for the next visit. */
const PAUSE = 100;

/** Milliseconds between two words on progress: to show it takes time from loading. */
const OFTEN = 100;

/** Of several tabs, one loads; the others then find everything in the cache. */
const LOCK = "cxkb-files";

self.onmessage = async ({ data: { manifest, base, port } }) => {
  try {
    await alone(() => load(manifest, base, port));
  } catch (error) {
    if (!error.reason) console.error("cxkb:", error);
    self.postMessage({ failed: error.reason ?? "broken", detail: error.message });
  }
  self.close();
};

/** All are asked for at once, the small ones first. */
async function load(manifest, base, port) {
  let last = 0;
  const onProgress = (loaded, total) => {
    const now = performance.now();
    if (now - last < OFTEN && loaded < total) return;
    last = now;
    self.postMessage({ progress: { loaded, total } });
  };
  const files = await openFiles(base, manifest, { onProgress });
  const roles = Object.keys(manifest.files).sort((one, other) => manifest.files[one].bytes - manifest.files[other].bytes);
  const send = async (role) => {
    const content = await files.load(role);
    port.postMessage({ role, content }, [content]);
  };
  await Promise.all(roles.map(send));
  await new Promise((resolve) => setTimeout(resolve, PAUSE));
  await files.kept();
}

function alone(work) {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}
