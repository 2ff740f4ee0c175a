/**
 * What search by meaning says to a reader, as the terminal's render.py words it.
 */

export const NO_ANSWER = "This knowledge base has no answer to that. Closest topics:";

/** Pages named as closest topics when there is no answer. */
export const CLOSEST = 3;

/** Reason -> a plain sentence. */
const SENTENCES = {
  missing: "Search by meaning lacks a file on this site.",
  damaged: "A file of search by meaning arrived damaged; reload the page to try again.",
  version: "This page and its search by meaning are of different versions; reload the page.",
  offline: "Search by meaning needs a connection the first time, and there is none.",
  blocked: "This browser does not let the page search by meaning.",
  broken: "Search by meaning failed in this browser.",
};

/** @param {{reason?: string, message: string}} error  @returns {string} */
export function sentence({ reason, message }) {
  if (reason === "question") return message;
  return `${SENTENCES[reason] ?? SENTENCES.broken} Search by keywords works as ever.`;
}

/** @param {number} bytes  @returns {string}  "17 MB", "3.1 MB", "62 KB" */
export function size(bytes) {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} KB`;
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

/** @returns {string}  the hit's page and, where it differs, its section */
export function title({ title: page, heading, kind }) {
  const name = !heading || heading === page ? page : `${page} › ${heading}`;
  return kind === "concept" ? name : `${name} [${kind}]`;
}

/** @returns {string}  the sources by name and year, or nothing */
export function sources({ sources: found }) {
  const labels = found.map(({ label }) => label);
  return labels.length ? `${labels.length === 1 ? "Source" : "Sources"}: ${labels.join("; ")}` : "";
}

/** @returns {string}  the name of a topic */
export function topic({ title: page, kind }) {
  return kind === "concept" ? page : `${page} [${kind}]`;
}
