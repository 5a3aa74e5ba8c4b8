import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { smokeStep, type FleetService, type SmokeStep } from "#agent/fleet.ts";
import { askIdentity, probe, readJson } from "#agent/probe.ts";
import { monotonicMs } from "#runtime/clock.ts";
import type { ProcessRecord } from "#agent/state.ts";

export interface CheckOutcome {
  readonly name: string;
  readonly passed: boolean;
  readonly detail: string;
}

/** Longest time for one request of a check. */
const stepWithinMs = 3_000;
const shownCharacters = 200;

/**
 * Calls one version directly, past its proxy: is it alive, is it the one that was asked for, and do the business cases of
 * the catalogue come out right? `neighbours` gives the ports of the ready versions of another service.
 */
export async function smoke(
  subject: ProcessRecord,
  checks: FleetService["checks"],
  neighbours: (service: string) => readonly number[],
): Promise<readonly CheckOutcome[]> {
  const outcomes = [await checkLiveness(subject), await checkIdentity(subject)];
  for (const check of checks) {
    const nonce = randomUUID();
    let detail = "";
    for (const [index, step] of check.steps.entries()) {
      detail = await faultInTime(
        () => (step.at === undefined ? [subject.port] : neighbours(step.at)),
        fill(step, nonce),
      );
      if (detail !== "") {
        detail = `step ${index + 1}, ${step.method} ${step.path}${step.at === undefined ? "" : ` at ${step.at}`}: ${detail}`;
        break;
      }
    }
    const passed = detail === "";
    outcomes.push({ name: check.name, passed, detail: passed ? `${check.steps.length} steps as expected` : detail });
  }
  return outcomes;
}

async function checkLiveness({ port }: ProcessRecord): Promise<CheckOutcome> {
  const found = await probe(port, { method: "GET", path: "/livez" }, stepWithinMs);
  const passed = found.kind === "answer" && found.answer.status === 200;
  const detail = found.kind === "answer" ? `/livez answered ${found.answer.status}` : `/livez: ${found.kind}`;
  return { name: "liveness", passed, detail };
}

async function checkIdentity(subject: ProcessRecord): Promise<CheckOutcome> {
  const found = await askIdentity(subject.port, stepWithinMs);
  if (found === null || found === "refused") {
    return { name: "identity", passed: false, detail: "/identity gave no readable answer" };
  }
  const passed =
    found.service === subject.service && found.version === subject.version && found.digest === subject.digest;
  return { name: "identity", passed, detail: `it says ${found.service} ${found.version} ${found.digest}` };
}

const askAgainMs = 500;

/** The last fault when the time of the step is over; a step without a time is asked once. */
async function faultInTime(ports: () => readonly number[], step: SmokeStep): Promise<string> {
  const { withinSeconds = 0 } = step;
  const endMs = monotonicMs() + withinSeconds * 1_000;
  for (;;) {
    const fault = await firstFault(ports(), step);
    if (fault === "") return "";
    if (monotonicMs() + askAgainMs >= endMs) return withinSeconds === 0 ? fault : `within ${withinSeconds} s ${fault}`;
    await delay(askAgainMs);
  }
}

/** Empty when one of the ports answers as expected, else what was wrong at the last. */
async function firstFault(ports: readonly number[], step: SmokeStep): Promise<string> {
  let fault = "no version is ready there";
  for (const port of ports) {
    const found = await probe(port, step, stepWithinMs);
    if (found.kind !== "answer") {
      fault = found.kind === "refused" ? "nobody listens" : `no answer within ${stepWithinMs} ms`;
      continue;
    }
    const { status, text } = found.answer;
    const shown = `got ${status} ${text.slice(0, shownCharacters)}`;
    if (status !== step.status) fault = `expected ${step.status}, ${shown}`;
    else if (step.answer !== undefined && !containsAll(readJson(text), step.answer)) {
      fault = `expected ${JSON.stringify(step.answer)}, ${shown}`;
    } else return "";
  }
  return fault;
}

/** True when `found` has everything that `expected` has: more fields are fine, lists are compared element by element. */
export function containsAll(found: unknown, expected: unknown): boolean {
  if (typeof expected !== "object" || expected === null) return Object.is(found, expected);
  if (typeof found !== "object" || found === null) return false;
  if (Array.isArray(expected) || Array.isArray(found)) {
    if (!Array.isArray(expected) || !Array.isArray(found) || expected.length !== found.length) return false;
    return expected.every((value, index) => containsAll(found[index], value));
  }
  const fields = new Map<string, unknown>(Object.entries(found));
  return Object.entries(expected).every(([key, value]) => fields.has(key) && containsAll(fields.get(key), value));
}

/** A nonce is a UUID: it needs no escaping inside JSON text. */
function fill(step: SmokeStep, nonce: string): SmokeStep {
  return smokeStep.parse(JSON.parse(JSON.stringify(step).replaceAll("{nonce}", nonce)));
}
