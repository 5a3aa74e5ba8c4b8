import { z } from "zod";
import { renderProblems } from "#config/render.ts";
import type { Problem } from "#contract/common.ts";
import { printable } from "./output.ts";

/** A place in a configuration, as the server sends it: what `lint` prints. */
const inConfiguration = z.object({
  severity: z.enum(["error", "warning"]),
  path: z.string(),
  line: z.int(),
  column: z.int(),
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
  excerpt: z.string().default(""),
});

/** A member of a request. */
const inRequest = z.object({ path: z.string(), message: z.string() });

/** What the server refused, for a person: once, in order, and with where it is wrong. */
export function wordsOf(problem: Problem): string {
  const { title, detail, code, requestId, problems = [] } = problem;
  const source = `(${code}, request ${requestId})`;
  const documents = z.array(inConfiguration).safeParse(problems);
  if (problems.length > 0 && documents.success) {
    return `${title}. ${source}\n${renderProblems(documents.data)}`;
  }
  const members = z.array(inRequest).safeParse(problems);
  if (problems.length > 0 && members.success) {
    const lines = members.data.map(({ path, message }) => `\n  ${fieldOf(path)}: ${printable(message)}`);
    return `${title}: ${source}${lines.join("")}`;
  }
  return `${title}: ${detail} ${source}`;
}

/** `body.service` is `service` for whoever wrote a command line. */
function fieldOf(path: string): string {
  return path.replace(/^(?:body|query|params)\./, "");
}
