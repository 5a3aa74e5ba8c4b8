import { parentPort, workerData } from "node:worker_threads";
import { z } from "zod";
import { checkTexts } from "#main/check-texts.ts";

/** Runs in a thread of its own: texts in, plain documents and problems out. */
const { files } = z.object({ files: z.array(z.object({ path: z.string(), text: z.string() })) }).parse(workerData);
const { documents, problems } = checkTexts(files);
parentPort?.postMessage({
  documents: documents.map(({ kind, name, description, spec }) => ({ kind, name, description, spec, origin: null })),
  problems,
});
