import type { CheckFinding } from "#core/plan/notes.ts";
import type { ReportedSignal } from "#core/release/report.ts";
import { isBefore } from "#core/span.ts";

/** What the target showed, asked through the agent that acts there. Survives JSON. */
export interface SeenTarget {
  readonly service: string;
  readonly environment: string;
  /** Why it did not answer; null: it did. */
  readonly failure: string | null;
  /** Versions with traffic. */
  readonly versions: readonly {
    readonly version: string;
    readonly digest: string;
    readonly state: string;
    readonly percent: number;
  }[];
  /** Checks of the version that has the traffic; null: they could not be asked. */
  readonly checks: readonly { readonly name: string; readonly passed: boolean; readonly detail: string }[] | null;
  /** ISO 8601, domain clock. */
  readonly at: string;
}

/** What came of a connection that was opened from where the plan acts. Survives JSON. */
export interface SeenPath {
  readonly path: string;
  /** Why nobody knows; null: it was tried. */
  readonly failure: string | null;
  /** host:port; empty when nobody knows. */
  readonly address: string;
  readonly reached: boolean;
  readonly detail: string;
  /** ISO 8601; null: no certificate was shown. */
  readonly certificateUntil: string | null;
  /** ISO 8601, clock of the target. */
  readonly at: string;
}

/** A report that has to be there, good and fresh. */
export interface ReportCheck {
  /** What it is about, for a person: backup, certificate. */
  readonly name: string;
  readonly service: string;
  readonly environment: string;
  readonly source: string;
  readonly maxAgeSeconds: number;
}

/**
 * Connectivity, health and drift of one target (capability G5). `recorded`: what is live there on record; null: nothing is.
 * What cannot be seen is unknown, and unknown is no go.
 */
export function targetFindings(
  seen: SeenTarget,
  recorded: { readonly version: string; readonly digest: string } | null,
): readonly CheckFinding[] {
  const { service, environment, failure, versions, checks, at } = seen;
  const subject = `${service} in ${environment}`;
  const found = (check: CheckFinding["check"], outcome: CheckFinding["outcome"], sentence: string): CheckFinding => ({
    check,
    subject,
    outcome,
    sentence,
    at,
  });
  if (failure !== null) {
    return [
      found("connectivity", "fail", `The target did not answer: ${failure}`),
      found("health", "unknown", "It cannot be seen."),
      found("drift", "unknown", "It cannot be seen."),
    ];
  }
  const live = versions.find(({ percent }) => percent === 100);
  const answers = found("connectivity", "pass", "The target answers the one who acts there.");
  if (live === undefined) {
    const shares = versions.map(({ version, percent }) => `${version} ${percent} %`).join(", ");
    const split = `No version has all the traffic: ${shares === "" ? "there is none" : shares}.`;
    return [answers, found("health", "fail", split), found("drift", "fail", split)];
  }
  return [answers, found("health", ...healthOf(live, checks)), found("drift", ...driftOf(live, recorded))];
}

/** A certificate that ends sooner would end under the change, or soon behind it. */
const leastCertificateDays = 14;

/** Connectivity and certificate of one path from the real runner (capability G5); unknown is no go. */
export function pathFindings(seen: SeenPath, now: Temporal.Instant): readonly CheckFinding[] {
  const { path, failure, address, reached, detail, certificateUntil, at } = seen;
  const subject = address === "" ? path : `${path} (${address})`;
  if (failure !== null) {
    return [{ check: "connectivity", subject, outcome: "unknown", sentence: `It was not tried: ${failure}`, at }];
  }
  const way: CheckFinding = {
    check: "connectivity",
    subject,
    outcome: reached ? "pass" : "fail",
    sentence: `From where the plan acts: ${detail}`,
    at,
  };
  if (certificateUntil === null) return [way];
  const days = Math.floor(now.until(Temporal.Instant.from(certificateUntil)).total("hours") / 24);
  const outcome = days >= leastCertificateDays ? "pass" : "fail";
  const sentence = `Its certificate ends at ${certificateUntil}, in ${days} days; ${leastCertificateDays} are asked for.`;
  return [way, { check: "certificate", subject, outcome, sentence, at }];
}

type Said = readonly [CheckFinding["outcome"], string];

function healthOf({ version, state }: SeenTarget["versions"][number], checks: SeenTarget["checks"]): Said {
  if (state !== "ready") return ["fail", `${version} is ${state}.`];
  if (checks === null) return ["unknown", `The checks of ${version} could not be asked.`];
  const failed = checks.filter(({ passed }) => !passed).map(({ name, detail }) => `${name} (${detail})`);
  if (failed.length > 0) return ["fail", `${version} fails ${failed.join(", ")}.`];
  return checks.length === 0
    ? ["unknown", `Nothing was checked of ${version}.`]
    : ["pass", `${version} is ready and passes ${checks.length} checks.`];
}

function driftOf(
  { version, digest }: SeenTarget["versions"][number],
  recorded: { readonly version: string; readonly digest: string } | null,
): Said {
  if (recorded === null) return ["unknown", `${version} runs there, and nothing is on record.`];
  if (recorded.version !== version) return ["fail", `${version} runs there; on record is ${recorded.version}.`];
  if (recorded.digest !== digest) return ["fail", `${version} runs there with another digest than the one on record.`];
  return ["pass", `${version} runs there, with the digest on record.`];
}

/** `newest`: of its source about this place; null: nobody has reported. */
export function reportFinding(check: ReportCheck, newest: ReportedSignal | null, now: Temporal.Instant): CheckFinding {
  const { name, service, environment, source, maxAgeSeconds } = check;
  const said = (outcome: CheckFinding["outcome"], sentence: string): CheckFinding => ({
    check: "report",
    subject: `${name} of ${service} in ${environment}`,
    outcome,
    sentence,
    at: newest?.at.toString() ?? null,
  });
  if (newest === null) return said("unknown", `${source} has never reported it.`);
  const age = Math.round((now.epochMilliseconds - newest.at.epochMilliseconds) / 1000);
  if (newest.silentSince !== undefined || (newest.freshUntil !== undefined && !isBefore(now, newest.freshUntil))) {
    return said("unknown", `${source} has not reported again as it had promised.`);
  }
  if (age > maxAgeSeconds)
    return said("fail", `${source} reported it ${age} s ago; at most ${maxAgeSeconds} s are fresh.`);
  const more = newest.ref === null ? "" : `: ${newest.ref}`;
  if (newest.status === "unknown") return said("unknown", `${source} does not know${more}.`);
  return newest.status === "ok"
    ? said("pass", `${source} reported it ${age} s ago.`)
    : said("fail", `${source} says ${newest.status}${more}.`);
}
