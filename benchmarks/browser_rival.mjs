// The same search with onnxruntime-web for the encoder: our tokenizer, our passages' vectors, nothing ranked but cosines.

let opening = null;

async function open() {
  const [ort, { openTokenizer }, { openManifest, openFiles }] = await Promise.all([
    import("/rival/ort.wasm.bundle.min.mjs"),
    import("/assets/cxkb/browser/wordpiece.mjs"),
    import("/assets/cxkb/browser/files.mjs"),
  ]);
  ort.env.wasm.wasmPaths = "/rival/";
  ort.env.wasm.numThreads = 1; // more need headers that a static host does not send
  const base = new URL("/assets/cxkb/search/", location.href);
  const load = await openFiles(base, await openManifest(base));
  const [session, model, vocabulary, vectors, passages] = await Promise.all([
    ort.InferenceSession.create("/rival/model.onnx"),
    ...["model", "vocabulary", "vectors", "passages"].map(load),
  ]);
  const header = JSON.parse(new TextDecoder().decode(model));
  const cut = openTokenizer(header.tokenizer, new TextDecoder().decode(vocabulary));
  const { pages } = JSON.parse(new TextDecoder().decode(passages));
  const rows = pages.flatMap(([, , title, own]) => own.map(([, location]) => [title, location]));
  return { ort, session, cut, header, rows, vectors: new Int8Array(vectors) };
}

/** The title and location of the passage nearest to the question. */
export async function ask(question) {
  opening ??= open();
  const { ort, session, cut, header, rows, vectors } = await opening;
  const ids = cut(question, header.limit);
  const tensor = (numbers) => new ort.Tensor("int64", BigInt64Array.from(numbers, BigInt), [1, ids.length]);
  const { [session.outputNames[0]]: states } = await session.run({ input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1)) });
  const width = states.dims[2];
  const sums = new Float32Array(width);
  states.data.forEach((number, n) => (sums[n % width] += number));
  let [best, most] = [0, -Infinity];
  for (let row = 0; row < rows.length; row++) {
    let dot = 0;
    for (let i = 0; i < width; i++) dot += sums[i] * vectors[row * width + i];
    if (dot > most) [best, most] = [row, dot];
  }
  return rows[best];
}
