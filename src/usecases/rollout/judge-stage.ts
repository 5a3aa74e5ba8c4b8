import type { Facts } from "#core/policy/facts.ts";
import type { Finding } from "#core/policy/finding.ts";
import type { Verdict } from "#core/policy/verdict.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { Records } from "#usecases/records.ts";
import type { Change, RolloutDeps } from "#usecases/rollout/change.ts";

/** What the border of a stage says: go on, hold the position until an instant, or go back. */
export type StageGate =
  | { readonly kind: "go" }
  | { readonly kind: "pause"; readonly until: string | null; readonly sentence: string }
  | { readonly kind: "go-back"; readonly sentence: string; readonly aborted: boolean };

/**
 * The same judgement at the border of every stage (semantics §2.6): a window that closes lets the run finish unless it
 * says otherwise, a freeze that begins pauses it, and anything else that stopped being true takes it back.
 */
export async function judgeStage(
  deps: Pick<RolloutDeps, "now" | "judge">,
  records: Records,
  change: Change,
  percent: number,
): Promise<StageGate> {
  const deployment = await records.deployments.find(change.deployment);
  if (deployment === null) return { kind: "go-back", sentence: "the record of this run is gone", aborted: false };
  if (deployment.abortRequestedBy !== null) return abortedBy(deployment.abortRequestedBy);
  const at = deps.now();
  const facts = await records.facts.load({ ...deployment.subject, onBehalfOf: change.deployment }, at, horizonOf(at));
  const verdict = deps.judge(facts);
  const id = await records.verdicts.save(verdict, facts, "stage", change.deployment);
  const gate = gateOf(facts, verdict);
  if (gate.kind !== "go") {
    await records.timeline.append({
      deployment: change.deployment,
      at,
      step: "judge",
      name: `judge before ${percent} % at ${at.toString()}`,
      phase: "info",
      sentence: `Before ${percent} %: ${gate.sentence}.`,
      detail: { verdict: id },
    });
  }
  return gate;
}

export function abortedBy(person: string): StageGate {
  return { kind: "go-back", sentence: `${person} aborted the deployment`, aborted: true };
}

/** The strictest answer of the findings that no longer pass. */
export function gateOf(facts: Facts, verdict: Verdict): StageGate {
  let gate: StageGate = { kind: "go" };
  for (const finding of verdict.findings) {
    if (finding.outcome === "pass" || finding.outcome === "not-applicable") continue;
    const wish = wishOf(facts, finding);
    if (wish === "roll-back") return { kind: "go-back", sentence: finding.sentence, aborted: false };
    if (wish === "pause" && gate.kind === "go") {
      gate = { kind: "pause", until: finding.until?.toString() ?? null, sentence: finding.sentence };
    }
  }
  return gate;
}

const strictness = { finish: 0, pause: 1, "roll-back": 2 } as const;
type Wish = keyof typeof strictness;

/** Something that may be over in a moment, or that a person has to look at: no reason to move users twice. */
const pausing: readonly string[] = [
  "global-stop",
  "hold-flag",
  "evidence-fresh",
  "policy-clauses",
  "dependencies-live",
  "versions-compatible",
  "dependency-degraded",
  "sequence-followed",
  "lock-free",
];

/** Rules about whether and when to begin: a run that has begun is not undone because of them. */
const aboutTheStart: readonly string[] = [
  "strategy-fits",
  "environment-path",
  "core-upgrade",
  "stabilising-neighbour",
  "ticket-linked",
  "backup-proven",
  "risk-within-appetite",
  "error-budget-left",
  "capacity-left",
  "not-reserved",
  "rollback-plan-complete",
  "rollback-rehearsed",
];

/** What the rules of the calendar ask for when they close under a run; every other rule that fails asks to go back. */
function wishOf(facts: Facts, { rule, code }: Finding): Wish {
  if (rule === "inside-window")
    return strictest(
      facts.windows.map(({ onClose }) => onClose),
      "finish",
    );
  if (rule === "freeze-in-force")
    return strictest(
      facts.freezes.map(({ onBegin }) => onBegin),
      "pause",
    );
  if (pausing.includes(rule)) return "pause";
  if (aboutTheStart.includes(rule) || code === "verification-stale") return "finish";
  return "roll-back";
}

function strictest(wishes: readonly Wish[], otherwise: Wish): Wish {
  const [first] = wishes.toSorted((a, b) => strictness[b] - strictness[a]);
  return first ?? otherwise;
}
