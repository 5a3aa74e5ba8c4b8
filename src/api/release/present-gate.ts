import type { z } from "zod";
import type { gate as wireGate, violation as wireViolation } from "#contract/gate.ts";
import { gateStateOf, pollAfter } from "#core/release/gate.ts";
import { isBefore } from "#core/span.ts";
import type { ApiSettings } from "#api/deps.ts";
import type { DeepReadonly } from "#api/handler.ts";
import { presentVerdict } from "#api/policy/present.ts";
import type { Violation } from "#usecases/release/gate-records.ts";
import type { AskedGate, GateView } from "#usecases/release/gate-types.ts";

export type WireGate = DeepReadonly<z.input<typeof wireGate>>;

/** A gate as its caller sees it. Of token and lease their state is shown, and nothing of their text. */
export function presentGate(
  view: GateView,
  now: Temporal.Instant,
  { origins }: Pick<ApiSettings, "origins">,
): WireGate {
  const { gate, deployment, verdict } = view;
  const { subject } = deployment;
  const state = gateStateOf(deployment.state);
  return {
    id: gate.id,
    deployment: deployment.id,
    state,
    service: subject.service,
    version: subject.version,
    digest: deployment.digest,
    environment: subject.environment,
    action: subject.action,
    class: subject.class,
    whenDenied: gate.whenDenied,
    requestedBy: subject.requestedBy ?? "",
    account: gate.account,
    run: gate.externalRun,
    runUrl: gate.externalUrl,
    callback: gate.callback?.kind ?? null,
    requestedAt: deployment.requestedAt.toString(),
    startedAt: textOf(deployment.startedAt),
    endedAt: textOf(deployment.endedAt),
    reason: reasonOf(view),
    link: `${origins[0] ?? ""}/deployments/${deployment.id}`,
    opensAt: state === "parked" ? textOf(verdict?.nextOpening ?? null) : null,
    pollAfter: pollAfter(state, deployment.nextCheckAt, now),
    token: presentToken(gate.token, now),
    leaseExpiresAt: textOf(gate.lease?.expiresAt ?? null),
    result: gate.result,
    verdict: verdict === null ? null : presentVerdict(verdict),
  };
}

function presentToken(token: GateView["gate"]["token"], now: Temporal.Instant): WireGate["token"] {
  const { expiresAt, usedAt } = token;
  const parts = { expiresAt: textOf(expiresAt), usedAt: textOf(usedAt), reason: token.void };
  if (expiresAt === null) return { ...parts, state: "none" };
  if (usedAt !== null) return { ...parts, state: "used" };
  if (token.void !== null) return { ...parts, state: "void" };
  return { ...parts, state: isBefore(now, expiresAt) ? "issued" : "expired" };
}

/** The sentences of what stands in the way; at most as many as a line of a log holds. */
function reasonOf({ deployment, verdict }: GateView): string {
  const obstacles = (verdict?.findings ?? []).filter(
    ({ outcome }) => outcome !== "pass" && outcome !== "not-applicable",
  );
  const why = obstacles
    .slice(0, 5)
    .map(({ sentence }) => sentence)
    .join(" ");
  switch (gateStateOf(deployment.state)) {
    case "parked":
      return why === "" ? "It is judged again at once." : why;
    case "allowed":
      return "Every rule passes.";
    case "started":
      return deployment.abortRequestedBy === null
        ? "Its pipeline is deploying."
        : `${deployment.abortRequestedBy} asked for it to be ended; its pipeline is still deploying.`;
    case "denied":
      return why === "" ? (deployment.outcome ?? "") : `${deployment.outcome ?? ""} ${why}`;
    case "succeeded":
    case "failed":
    case "rolled-back":
    case "aborted":
    case "unknown":
    case "cancelled":
      return deployment.outcome ?? "";
  }
}

function textOf(instant: Temporal.Instant | null): string | null {
  return instant === null ? null : instant.toString();
}

/** For parked gates: whole seconds, never none. */
export function retryAfterOf({ pollAfter: seconds }: WireGate): Readonly<Record<string, string>> {
  return seconds === 0 ? {} : { "retry-after": String(seconds) };
}

/** Gate and token of an answer to whoever asked; a token is shown this once. */
export function presentAsked(
  { view, token }: AskedGate,
  now: Temporal.Instant,
  settings: Pick<ApiSettings, "origins">,
): {
  readonly gate: WireGate;
  readonly token: { readonly text: string; readonly expiresAt: string; readonly binding: string } | null;
} {
  const shown = token === null ? null : { ...token, expiresAt: token.expiresAt.toString() };
  return { gate: presentGate(view, now, settings), token: shown };
}

export function presentViolation(violation: Violation): DeepReadonly<z.input<typeof wireViolation>> {
  const { service, environment, seen, recorded, firstSeenAt, lastSeenAt, endedAt } = violation;
  const what = seen.version === recorded.version ? `another build of ${seen.version}` : seen.version;
  return {
    ...violation,
    firstSeenAt: firstSeenAt.toString(),
    lastSeenAt: lastSeenAt.toString(),
    endedAt: textOf(endedAt),
    sentence: `${service}: ${what} is live in ${environment}, where ${recorded.version} is on record; no deployment and no gate has brought it there.`,
  };
}
