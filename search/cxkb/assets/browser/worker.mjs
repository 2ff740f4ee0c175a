/**
 * Search by meaning in a worker: gets `{manifest, port}`, once, and the files from the port, as loader.mjs sends them; then
 * answers `{id, question, count}` with `{id, answer}`. Says `{ready: true}` once, and what failed by its reason.
 */

import { openEngine } from "./engine.mjs";

// What that imports, named here so that all come at once.
import "./encoder.mjs";
import "./gloss.mjs";
import "./lexical.mjs";
import "./matmul.mjs";
import "./rank.mjs";
import "./table.mjs";
import "./wordpiece.mjs";

let engine = null;

self.onmessage = async ({ data: { manifest, port, id, question, count } }) => {
  try {
    if (manifest) {
      engine = await openEngine(manifest, receive(manifest, port));
      self.postMessage({ ready: true });
    } else {
      self.postMessage({ id, answer: await engine.ask(question, count) });
    }
  } catch (error) {
    const failed = error.name === "QuestionError" ? "question" : "broken";
    if (failed === "broken") console.error("cxkb:", error);
    self.postMessage({ id, failed, detail: error.message });
  }
};

/** What is in the file of a role, when it has come. @returns {(role: string) => Promise<ArrayBuffer>} */
function receive(manifest, port) {
  const waiting = {};
  const coming = Object.fromEntries(
    Object.keys(manifest.files).map((role) => [role, new Promise((resolve) => (waiting[role] = resolve))]),
  );
  port.onmessage = ({ data: { role, content } }) => waiting[role](content);
  return (role) => coming[role];
}
