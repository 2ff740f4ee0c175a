/**
 * Search by meaning in a worker: opens the files, then answers `{id, question, count}` with `{id, answer}`.
 *
 * Says `{progress: {loaded, total}}` while it loads, in bytes, `{ready: true}` once, and what failed by its reason.
 */

import { openEngine } from "./engine.mjs";
import { openFiles } from "./files.mjs";

// What those import, named here so that all come at once.
import "./encoder.mjs";
import "./gloss.mjs";
import "./lexical.mjs";
import "./matmul.mjs";
import "./rank.mjs";
import "./wordpiece.mjs";

/** Milliseconds: the question that waits for the files comes first, then they are kept for the next visit. */
const PAUSE = 100;

/** Of several tabs, one loads; the others then find everything in the cache. */
const LOCK = "cxkb-files";

let engine = null;

self.onmessage = async ({ data: { manifest, base, id, question, count } }) => {
  try {
    if (manifest) {
      await alone(async () => {
        const onProgress = (loaded, total) => self.postMessage({ progress: { loaded, total } });
        const files = await openFiles(base, manifest, { onProgress });
        engine = await openEngine(manifest, files.load);
        self.postMessage({ ready: true });
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        await files.kept();
      });
    } else {
      self.postMessage({ id, answer: engine.ask(question, count) });
    }
  } catch (error) {
    const failed = error.reason ?? (error.name === "QuestionError" ? "question" : "broken");
    if (failed === "broken") console.error("cxkb:", error);
    self.postMessage({ id, failed, detail: error.message });
  }
};

function alone(work) {
  return navigator.locks ? navigator.locks.request(LOCK, work) : work();
}
