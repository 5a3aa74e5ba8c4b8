/**
 * Every problem code of the API with its status and title. Codes are stable; titles may change. What went wrong in the
 * case at hand and what to do is in `detail`.
 */
export const problems = {
  "no-such-service": { status: 404, title: "There is no such service" },
  "no-such-environment": { status: 404, title: "There is no such environment" },
  "no-such-artifact": { status: 404, title: "There is no such artifact" },
  "no-such-deployment": { status: 404, title: "There is no such deployment" },
  "no-such-slot": { status: 404, title: "There is no such proposal" },
  "no-such-team": { status: 404, title: "There is no such team" },
  "no-such-person": { status: 404, title: "There is no such person" },
  "no-such-swap": { status: 404, title: "There is no such swap" },
  "no-such-calendar": { status: 404, title: "There is no such calendar" },
  "no-such-reflow": { status: 404, title: "There is no such batch" },
  "no-such-policy": { status: 404, title: "There is no such policy" },
  "no-such-hold": { status: 404, title: "There is no such hold" },
  "no-such-stop": { status: 404, title: "There is no such stop" },
  "invalid-calendar": { status: 422, title: "The calendar cannot be read; nothing was imported" },
  "feed-failed": { status: 422, title: "The address could not be read" },
  "too-many-feeds": { status: 409, title: "You have as many feeds as one person may have" },
  "already-open": { status: 409, title: "The version is on its way there already" },
  "already-live": { status: 409, title: "The version is live there already" },
  "already-ended": { status: 409, title: "The deployment has ended" },
  "not-held": { status: 409, title: "The deployment does not hold its position" },
  "already-decided": { status: 409, title: "You have decided on this content before" },
  "already-started": { status: 409, title: "The deployment does not wait any more" },
  "slot-not-open": { status: 409, title: "The slot lies in no opening" },
  "slot-withdrawn": { status: 409, title: "The proposal was withdrawn" },
  "too-many-positions": { status: 409, title: "No more positions are kept for this booking" },
  "content-changed": { status: 409, title: "The content is not the one that was shown" },
  "nothing-to-roll-back-to": { status: 409, title: "No former version is known" },
  "not-live": { status: 409, title: "The version of this deployment is not the one that is live" },
  "still-open": { status: 409, title: "The deployment has not ended" },
  "version-is-immutable": { status: 409, title: "The version exists with another digest" },
  "already-lifted": { status: 409, title: "It is not in force any more" },
  "too-many-reports": { status: 409, title: "No more sources are looked at here" },
  "too-many-holds": { status: 409, title: "No more holds are looked at" },
  "backtest-running": { status: 409, title: "Another back-test is running" },
  "too-many-stops": { status: 409, title: "No more stops are looked at" },
  "clock-is-fixed": { status: 409, title: "The clock of this installation cannot be set" },
  "own-request": { status: 403, title: "Nobody decides on their own request" },
  "own-work": { status: 403, title: "Nobody decides on their own work" },
  "not-entitled": { status: 403, title: "You are not among those who decide here" },
  "own-proposal": { status: 403, title: "Nobody accepts their own proposal" },
  "not-your-slot": { status: 403, title: "You took no part in this proposal" },
  "not-your-account": { status: 403, title: "The account is not yours" },
  "outlives-its-maker": { status: 403, title: "A token never lives longer than the one that made it" },
  "not-yours-to-lift": { status: 403, title: "The hold is lifted by somebody else" },
  "nobody-may-lift": { status: 422, title: "Nobody could ever lift the hold" },
  "matches-nothing": { status: 422, title: "The hold would hold nothing" },
  "in-the-future": { status: 422, title: "The report lies in the future" },
  "names-nobody": { status: 400, title: "A swap needs somebody" },
  "reason-required": { status: 400, title: "A rejection needs a reason" },
  "invalid-configuration": { status: 422, title: "The configuration is not valid; nothing was applied" },
  "too-many-entries": { status: 422, title: "The span holds too many entries for one answer" },
  "bad-span": { status: 400, title: "The span of time is empty or too long" },
  "bad-token": { status: 401, title: "The token is not valid" },
  "too-many-attempts": { status: 429, title: "Too many attempts to log in" },

  "invalid-request": { status: 400, title: "The request is not valid" },
  unauthenticated: { status: 401, title: "Who you are is not known" },
  forbidden: { status: 403, title: "You are not allowed to do this" },
  "foreign-origin": { status: 403, title: "The request comes from another site" },
  "not-found": { status: 404, title: "There is nothing here" },
  "method-not-allowed": { status: 405, title: "This cannot be done here" },
  "key-conflict": { status: 409, title: "The idempotency key belongs to another request" },
  "in-progress": { status: 409, title: "The same request is being carried out" },
  "too-large": { status: 413, title: "The body is too large" },
  "not-json": { status: 415, title: "The body must be application/json" },
  "unknown-host": { status: 421, title: "This server does not answer for that host" },
  "too-many-requests": { status: 429, title: "Too many requests" },
  internal: { status: 500, title: "Something is wrong in this server" },
  unavailable: { status: 503, title: "The server cannot answer now" },
} as const satisfies Readonly<Record<string, ProblemKind>>;

export interface ProblemKind {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 421 | 422 | 429 | 500 | 503;
  readonly title: string;
}

export type ProblemCode = keyof typeof problems;

/** What any operation may answer beside the codes that its route declares. */
export const commonProblems = [
  "invalid-request",
  "foreign-origin",
  "unknown-host",
  "too-many-requests",
  "internal",
  "unavailable",
] as const satisfies readonly ProblemCode[];
