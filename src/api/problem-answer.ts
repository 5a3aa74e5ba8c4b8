import type { Problem } from "#contract/common.ts";
import { problems } from "#contract/problem.ts";
import type { Refused } from "#api/handler.ts";

/** Where the page of a code is, relative to the server: stable, whatever the host. */
export function problemType(code: string): string {
  return `urn:tidegate:problem:${code}`;
}

/** RFC 9457: the one shape of everything that is not a success. */
export function problemAnswer(refused: Refused, requestId: string): Response {
  const { status, title } = problems[refused.code];
  const body: Problem = {
    type: problemType(refused.code),
    title,
    status,
    code: refused.code,
    detail: refused.detail,
    requestId,
    ...(refused.problems === null ? {} : { problems: [...refused.problems] }),
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...refused.headers, "content-type": "application/problem+json" },
  });
}
