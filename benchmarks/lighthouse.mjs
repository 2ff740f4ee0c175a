// Lighthouse's scores of the built site, as a telephone on a slow network has it, served with gzip on this machine.
//
//     node benchmarks/lighthouse.mjs [--at-least 95] FOLDER [PAGE ...]
//
// FOLDER must have been built for the address it is served at: SITE_URL=http://127.0.0.1:8765/ (`make lighthouse` does).
// With --at-least it exits 1 when a score is lower. CHROME_PATH names the browser.

import { createServer } from "node:http";
import { readFile, stat } from "node:fs/promises";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { parseArgs } from "node:util";
import { launch } from "chrome-launcher";
import lighthouse from "lighthouse";

const PORT = 8765;

const RUNS = 3;

const PAGES = ["", "concepts/silos/", "tensions/who-owns-cx/", "sources/solis-2016/"];

const TYPES = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".woff2": "font/woff2",
  ".xml": "application/xml",
};

const COMPRESSED = new Set([".gz", ".png", ".woff2"]);

const SCORES = ["performance", "accessibility", "best-practices", "seo"];

const TIMINGS = {
  "LCP ms": "largest-contentful-paint",
  "TBT ms": "total-blocking-time",
  CLS: "cumulative-layout-shift",
  KB: "total-byte-weight",
};

/** A server of the folder, as a static host would be: gzip, and the site's own page for unknown addresses. */
function serve(folder) {
  const server = createServer(async (request, response) => {
    let path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
    if (path.endsWith("/")) path += "index.html";
    let status = 200;
    let file = join(folder, path);
    if (!(await stat(file).catch(() => null))?.isFile()) [status, file] = [404, join(folder, "404.html")];
    const body = await readFile(file);
    const headers = { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream", "Cache-Control": "max-age=600" };
    if (COMPRESSED.has(extname(file))) return response.writeHead(status, headers).end(body);
    response.writeHead(status, { ...headers, "Content-Encoding": "gzip" }).end(gzipSync(body));
  });
  return new Promise((resolve) => server.listen(PORT, "127.0.0.1", () => resolve(server)));
}

/** The run of median performance: a busy machine slows single ones down. */
async function median(url, port) {
  const runs = [];
  for (let n = 0; n < RUNS; n++) {
    const { lhr } = await lighthouse(url, { port, onlyCategories: SCORES, logLevel: "error", output: [] });
    if (lhr.runtimeError) throw new Error(lhr.runtimeError.message);
    runs.push(lhr);
  }
  const performance = (lhr) => lhr.categories.performance.score;
  return runs.sort((one, other) => performance(one) - performance(other))[(RUNS - 1) / 2];
}

/** Scores in [0, 100], timings, and what cost points. */
async function measure(url, port) {
  const lhr = await median(url, port);
  const scores = SCORES.map((name) => Math.round(lhr.categories[name].score * 100));
  const [lcp, tbt, cls, bytes] = Object.values(TIMINGS).map((id) => lhr.audits[id].numericValue);
  const lost = SCORES.flatMap((name) => lhr.categories[name].auditRefs)
    .filter(({ id, weight }) => weight && lhr.audits[id].score !== null && lhr.audits[id].score < 0.9)
    .map(({ id }) => `${id} (${lhr.audits[id].displayValue ?? lhr.audits[id].score})`);
  return { scores, timings: [Math.round(lcp), Math.round(tbt), cls.toFixed(3), Math.round(bytes / 1000)], lost };
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { "at-least": { type: "string" } } });
const [folder, ...pages] = positionals;
const server = await serve(folder);
const chrome = await launch({ chromeFlags: ["--headless=new", "--no-sandbox", "--disable-gpu"], logLevel: "silent" });
let lowest = 100;
try {
  const names = [...SCORES, ...Object.keys(TIMINGS)];
  console.log(["page".padEnd(26), ...names.map((name) => name.padStart(Math.max(name.length, 6)))].join("  "));
  for (const page of pages.length ? pages : PAGES) {
    const { scores, timings, lost } = await measure(`http://127.0.0.1:${PORT}/${page}`, chrome.port);
    const cells = [...scores, ...timings].map((value, n) => String(value).padStart(Math.max(names[n].length, 6)));
    console.log([(page || "home").padEnd(26), ...cells].join("  "));
    for (const audit of lost) console.log(`    ${audit}`);
    lowest = Math.min(lowest, ...scores);
  }
} finally {
  chrome.kill();
  server.close();
}
if (lowest < Number(values["at-least"] ?? 0)) {
  console.error(`The lowest score is ${lowest}.`);
  process.exitCode = 1;
}
