import { stringify } from "yaml";
import { z } from "zod";
import { withInlineEvents } from "#cli/calendar/world.ts";
import { CommandEnd } from "#cli/exit.ts";
import { judgeWorld } from "#cli/policy/why-offline.ts";
import { readMoment } from "#config/moment.ts";
import { isError } from "#config/problem.ts";
import { checkSources, type World } from "#config/world.ts";
import { changeActions, changeClasses, invokers } from "#core/catalog/scope.ts";
import { err, ok, type Result } from "#core/result.ts";
import { labId, toLabError } from "./line.ts";

const line = z.object({
  id: labId,
  documents: z.union([z.string(), z.array(z.record(z.string(), z.json()))]),
  at: z.string(),
  service: z.string(),
  version: z.string(),
  environment: z.string(),
  action: z.enum(changeActions).default("deploy"),
  class: z.enum(changeClasses).default("normal"),
  invoker: z.enum(invokers).default("person"),
  requestedBy: z.string().nullable().default(null),
});

/**
 * The verdict over a configuration and a State: `{id, documents, at, service, version, environment}` and, where it
 * matters, `action`, `class`, `invoker`, `requestedBy` gives `{id, verdict}` with the JSON of `why -o json`. `documents`
 * is YAML text, or a list of documents. `at` has an offset or a zone. What cannot be read gives `{id, error}`.
 */
export function answerLine(input: unknown): object {
  const parsed = line.safeParse(input);
  if (!parsed.success) return toLabError(input, z.prettifyError(parsed.error));
  const { id, documents, at: text, ...about } = parsed.data;
  const at = readMoment(text);
  if (!at.ok) return { id, error: at.error.message };
  const world = worldOf(documents);
  if (!world.ok) return { id, error: world.error };
  try {
    const judged = (span: { readonly from: Temporal.Instant; readonly to: Temporal.Instant }) =>
      withInlineEvents(world.value, span);
    return { id, verdict: judgeWorld(judged, { ...about, contentDigest: null, onBehalfOf: null }, at.value) };
  } catch (error) {
    if (error instanceof CommandEnd) return { id, error: error.message };
    throw error;
  }
}

/** Lines of one file often ask about one world. */
const maxWorlds = 16;
const worlds = new Map<string, Result<World, string>>();

function worldOf(documents: z.output<typeof line>["documents"]): Result<World, string> {
  const text = typeof documents === "string" ? documents : documents.map((each) => stringify(each)).join("---\n");
  const known = worlds.get(text);
  if (known !== undefined) return known;
  const { world, problems } = checkSources([{ path: "documents", text }]);
  const wrong = problems.filter(isError).map(({ line: at, column, message }) => `${at}:${column} ${message}`);
  const read = world === null ? err(wrong.join("\n")) : ok(world);
  if (worlds.size >= maxWorlds) worlds.clear();
  worlds.set(text, read);
  return read;
}
