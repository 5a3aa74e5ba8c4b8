import { answer, defineHandler } from "#api/handler.ts";
import { presentSequence } from "#api/plan/present-sequence.ts";
import { listSequences } from "#contract/sequence.ts";

export const listSequencesHandler = defineHandler(listSequences, async (deps) => {
  const found = await deps.sequences.listSequences();
  return answer(200, { items: found.map(presentSequence) });
});
