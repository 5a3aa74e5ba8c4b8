import { client, type Client, type Refusal } from "#contract/client.ts";
import type { Problem } from "#contract/common.ts";

/** The API of the origin that served this page; the session cookie speaks. */
export const api: Client = client({ baseUrl: "" });

/** A refusal on its way through a query, whose failures are exceptions. */
export class RefusedError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.title);
    this.problem = problem;
  }
}

/** The body of a success; a refusal becomes a `RefusedError`. */
export async function answered<T>(outcome: Promise<{ readonly ok: true; readonly body: T } | Refusal>): Promise<T> {
  const settled = await outcome;
  if (settled.ok) return settled.body;
  throw new RefusedError(settled.problem);
}

/** What an error says to a person: what happened, why, what to do next. */
export interface Complaint {
  readonly title: string;
  readonly detail: string;
  readonly next: string;
  readonly code: string | null;
  readonly requestId: string | null;
}

export function complaintOf(error: unknown): Complaint {
  if (!(error instanceof RefusedError)) {
    const detail = error instanceof Error ? error.message : String(error);
    return { title: "This page has a fault", detail, next: "Reload the page.", code: null, requestId: null };
  }
  const { title, detail, code, status, requestId } = error.problem;
  return {
    title,
    detail: detail === title ? "" : detail,
    next: nextStep(code, status),
    code,
    requestId: requestId === "" ? null : requestId,
  };
}

const nextSteps: Readonly<Record<string, string>> = {
  unreachable: "Check that the server runs and that you are on its network; this page keeps trying.",
  "bad-answer": "Reload the page: it may be older than the server.",
  unauthenticated: "Log in again.",
  forbidden: "Ask a person who manages roles for the permission.",
  "content-changed": "Reload, look at what changed, and decide again.",
  "no-such-artifact": "Register the version first (POST /v1/artifacts), usually a step of its build.",
  "no-such-deployment": "Go back to the list; the link may be from another installation.",
};

function nextStep(code: string, status: number): string {
  const known = nextSteps[code];
  if (known !== undefined) return known;
  if (status === 429) return "Wait a minute, then try again.";
  return status >= 500 ? "Try again; if it stays, run tidegate doctor." : "Change the request and try again.";
}
