import { type Located, whereIs } from "#config/checks/check.ts";
import type { Document } from "#config/document.ts";
import { member } from "#config/json.ts";

/** A second plan for the way back of a service: which of the two would count nobody could say. */
export function repeatedRollbacks(rollbacks: ReadonlyMap<string, Document>): readonly Located[] {
  const first = new Map<string, Document>();
  return [...rollbacks.values()].flatMap((document): readonly Located[] => {
    const service = member(document.spec, "service");
    if (typeof service !== "string") return [];
    const before = first.get(service);
    if (before === undefined) {
      first.set(service, document);
      return [];
    }
    const message = `The way back of ${service} is planned in ${before.name} as well (${whereIs(before)}).`;
    const remedy = "Keep one document for each service.";
    return [{ document, problem: { at: ["spec", "service"], code: "contradiction", message, remedy } }];
  });
}
