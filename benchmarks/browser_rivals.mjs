// The same search with another encoder: our passages' vectors, nothing ranked but cosines. Served as /rival/ beside the site.

/** Rival -> what opens its encoder: text -> sum of the tokens' states, (384). */
const ENCODERS = { "onnxruntime-web": openRuntime, "transformers.js q8": () => openPipeline("q8"), "transformers.js fp32": () => openPipeline("fp32") };

const opening = {};

/** The title and location of the passage nearest to the question, by this rival. */
export async function ask(rival, question) {
  opening[rival] ??= open(rival);
  const { encode, rows, vectors } = await opening[rival];
  const vector = await encode(question);
  let [best, most] = [0, -Infinity];
  for (let row = 0; row < rows.length; row++) {
    let dot = 0;
    for (let i = 0; i < vector.length; i++) dot += vector[i] * vectors[row * vector.length + i];
    if (dot > most) [best, most] = [row, dot];
  }
  return rows[best];
}

async function open(rival) {
  const { openManifest, openFiles } = await import("/assets/cxkb/browser/files.mjs");
  const base = new URL("/assets/cxkb/search/", location.href);
  const { load } = await openFiles(base, await openManifest(base));
  const [encode, vectors, passages] = await Promise.all([ENCODERS[rival](load), load("vectors"), load("passages")]);
  const { pages } = JSON.parse(new TextDecoder().decode(passages));
  const rows = pages.flatMap(([, , title, own]) => own.map(([, location]) => [title, location]));
  return { encode, rows, vectors: new Int8Array(vectors) };
}

/** ONNX Runtime by itself, with our tokenizer for want of one. */
async function openRuntime(load) {
  const [ort, { openTokenizer }] = await Promise.all([
    import("/rival/runtime/ort.wasm.bundle.min.mjs"),
    import("/assets/cxkb/browser/wordpiece.mjs"),
  ]);
  ort.env.wasm.wasmPaths = "/rival/runtime/";
  ort.env.wasm.numThreads = 1; // more need headers that a static host does not send
  const [session, model, vocabulary] = await Promise.all([
    ort.InferenceSession.create("/rival/models/minilm/onnx/model_quantized.onnx"),
    load("model"),
    load("vocabulary"),
  ]);
  const header = JSON.parse(new TextDecoder().decode(model));
  const cut = openTokenizer(header.tokenizer, new TextDecoder().decode(vocabulary));
  return async (question) => {
    const ids = cut(question, header.limit);
    const tensor = (numbers) => new ort.Tensor("int64", BigInt64Array.from(numbers, BigInt), [1, ids.length]);
    const { last_hidden_state: states } = await session.run({ input_ids: tensor(ids), attention_mask: tensor(ids.map(() => 1)) });
    const sums = new Float32Array(header.hidden);
    states.data.forEach((number, n) => (sums[n % sums.length] += number));
    return sums;
  };
}

/** Transformers.js as its documentation begins, but from this origin and in so many bits; q8 is what it takes if not told. */
async function openPipeline(dtype) {
  const { env, pipeline } = await import("/rival/transformers/transformers.min.js");
  env.allowRemoteModels = false;
  env.allowLocalModels = true;
  env.localModelPath = "/rival/models/";
  env.backends.onnx.wasm.wasmPaths = "/rival/transformers/";
  const encode = await pipeline("feature-extraction", "minilm", { dtype });
  return async (question) => (await encode(question, { pooling: "mean", normalize: true })).data;
}
