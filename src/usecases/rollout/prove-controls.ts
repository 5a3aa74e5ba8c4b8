import type { ProvenControl } from "#connectors/port.ts";
import type { Report } from "#core/release/report.ts";
import { answerOfControls, evidenceOutcome } from "#core/rollout/controls.ts";
import { systemActor } from "#usecases/records.ts";
import { refusedBy, targetOf, type Change, type Refused, type RolloutDeps } from "#usecases/rollout/change.ts";
import type { Done } from "#usecases/rollout/prepare.ts";

/** As another step has ended; `hold`: it went well, and a person is to look at this before it goes on. */
export type Proven = { readonly done: true; readonly hold?: string } | Refused;

type When = "prepared" | "live";

const names = { prepared: "security controls", live: "security controls when live" } as const;
/** Under this name policies can demand it of a digest. */
const evidenceKind = "security-controls";

/**
 * Proves the security controls that the target names for this point, behind a step that has gone well and as a part of it:
 * repeated, it looks again. What was seen is put on record with the run, and as evidence on the digest.
 */
export async function proveControls(deps: RolloutDeps, change: Change, when: When, before: Done): Promise<Proven> {
  if (!before.done) return before;
  const seen = await deps.deployer.proveControls({ ...targetOf(change), version: change.version, when });
  if (!seen.ok) return refusedBy(seen.error);
  const controls = seen.value;
  const { kind, sentence } = answerOfControls(controls);
  if (kind === "none") return { done: true };
  await keep(deps, change, { when, controls, sentence, isProven: kind === "proven" });
  if (kind === "proven") return { done: true };
  return kind === "hold" ? { done: true, hold: sentence } : { done: false, code: "controls-failed", sentence };
}

interface Seen {
  readonly when: When;
  readonly controls: readonly ProvenControl[];
  readonly sentence: string;
  readonly isProven: boolean;
}

async function keep(deps: RolloutDeps, change: Change, { when, controls, sentence, isProven }: Seen): Promise<void> {
  const { deployment, digest } = change;
  const at = deps.now();
  const report: Report = {
    kind: "evidence",
    record: {
      digest,
      kind: evidenceKind,
      outcome: evidenceOutcome(controls),
      value: null,
      ruleSet: null,
      source: systemActor.account,
      by: systemActor.account,
      at,
      ref: deployment,
    },
  };
  await deps.transact(async (records) => {
    const isNew = await records.timeline.append({
      deployment,
      at,
      step: when === "prepared" ? "smoke" : "verify",
      name: names[when],
      phase: isProven ? "done" : "failed",
      sentence,
      detail: { controls },
    });
    if (!isNew) return;
    await records.reports.lock(report);
    const id = `rpt_${deps.digestOf({ deployment, when, digest }).replace("sha256:", "").slice(0, 32)}`;
    const { person: by, account } = systemActor;
    await records.reports.insert({ id, report, receivedAt: at, by, account });
  });
}
