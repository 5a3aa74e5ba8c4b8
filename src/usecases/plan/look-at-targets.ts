import type { Deployer } from "#connectors/port.ts";
import type { Preflight } from "#core/plan/guard.ts";
import type { CheckFinding } from "#core/plan/notes.ts";
import { stepsOf } from "#core/plan/plan.ts";
import {
  pathFindings,
  reportFinding,
  targetFindings,
  type ReportCheck,
  type SeenPath,
  type SeenTarget,
} from "#core/plan/preflight.ts";
import { addressOf, type ReportedSignal } from "#core/release/report.ts";
import { answerStep } from "#usecases/plan/advance-run.ts";
import type { RunStep, StepEnd, StepKey } from "#usecases/plan/plan-records.ts";
import type { PlanDeps } from "#usecases/plan/steps/driver.ts";
import type { Records } from "#usecases/records.ts";

type Target = Preflight["targets"][number];
/** What has to be looked at, and what was seen. Both are recorded: a version before knew targets only. */
export type ToLookAt = Target | { readonly path: string };
export type Seen = SeenTarget | SeenPath;

/** The checklist of a step that is still under way; null when it has ended. */
async function openChecklist(
  records: Records,
  id: StepKey,
): Promise<{ readonly action: Preflight; readonly begun: RunStep } | null> {
  const run = await records.runs.findForUpdate(id.run);
  const begun = (await records.runs.steps(id.run)).find(({ part, name }) => part === id.part && name === id.name);
  const action = run === null ? undefined : stepsOf(run.plan, id.part).find(({ name }) => name === id.name)?.action;
  return action?.kind === "preflight" && begun?.state === "running" ? { action, begun } : null;
}

export async function targetsToLookAt(records: Records, id: StepKey): Promise<readonly ToLookAt[] | null> {
  const open = await openChecklist(records, id);
  if (open === null) return null;
  const { targets, paths } = open.action;
  return [...targets, ...(paths ?? []).map((path) => ({ path }))];
}

/** Asks every target what is true there, through the one who acts there; what does not answer is a finding. */
export async function lookAtTargets(
  { deployer, now }: { readonly deployer: Deployer; readonly now: () => Temporal.Instant },
  asked: readonly ToLookAt[],
): Promise<readonly Seen[]> {
  return await Promise.all(
    asked.map((each) => ("path" in each ? tryPath(deployer, each.path, now) : lookAtOne(deployer, each, now))),
  );
}

async function tryPath(deployer: Deployer, path: string, now: () => Temporal.Instant): Promise<SeenPath> {
  const tried = await deployer.reach(path);
  if (!tried.ok) return untried(path, tried.error.message, now());
  const { address, reached, detail, certificateUntil, observedAt } = tried.value;
  return { path, failure: null, address, reached, detail, certificateUntil, at: observedAt };
}

function untried(path: string, failure: string, now: Temporal.Instant): SeenPath {
  return { path, failure, address: "", reached: false, detail: "", certificateUntil: null, at: now.toString() };
}

async function lookAtOne(deployer: Deployer, target: Target, now: () => Temporal.Instant): Promise<SeenTarget> {
  const { service, environment } = target;
  const seen = await deployer.observe({ service, environment });
  const at = now().toString();
  if (!seen.ok) return { service, environment, failure: seen.error.message, versions: [], checks: null, at };
  const versions = seen.value.versions
    .filter(({ percent }) => percent > 0)
    .map(({ version, digest, state, percent }) => ({ version, digest, state, percent }));
  const live = versions.find(({ percent }) => percent === 100);
  const smoke = live === undefined ? null : await deployer.smoke({ service, environment, version: live.version });
  const checks = smoke?.ok === true ? smoke.value.map(({ name, passed, detail }) => ({ name, passed, detail })) : null;
  return { service, environment, failure: null, versions, checks, at };
}

/** Ends the step by all that was found; a step that has ended already keeps its end. */
export async function finishLook(
  deps: PlanDeps,
  records: Records,
  id: StepKey,
  seen: readonly Seen[],
): Promise<string> {
  const open = await openChecklist(records, id);
  const run = await records.runs.findForUpdate(id.run);
  if (open === null || run === null) return "late";
  const checks = await findingsOf(records, open, seen, deps.now());
  const red = checks.filter(({ outcome }) => outcome !== "pass");
  const { answered } = open.begun.notes ?? {};
  const end: StepEnd = {
    state: red.length === 0 ? "done" : "refused",
    outcome:
      red.length === 0
        ? `All ${checks.length} checks are green.`
        : red.map(({ subject, sentence }) => `${subject}: ${sentence}`).join(" "),
    notes: { checks },
    ...(answered === undefined ? {} : { answer: answered }),
  };
  return (await answerStep(deps, records, run, id, end)) ? end.state : "late";
}

async function findingsOf(
  records: Records,
  { action, begun }: { readonly action: Preflight; readonly begun: RunStep },
  seen: readonly Seen[],
  now: Temporal.Instant,
): Promise<readonly CheckFinding[]> {
  const found: CheckFinding[] = [];
  const seenPaths = seen.filter((each): each is SeenPath => "path" in each);
  const seenTargets = seen.filter((each): each is SeenTarget => !("path" in each));
  for (const target of action.targets) {
    const own = seenTargets.find(
      ({ service, environment }) => service === target.service && environment === target.environment,
    );
    const live = await records.inventory.current(target.service, target.environment);
    const unseen = { ...target, failure: "nobody looked", versions: [], checks: null, at: now.toString() };
    found.push(...targetFindings(own ?? unseen, live));
  }
  for (const path of action.paths ?? []) {
    const own = seenPaths.find((each) => each.path === path);
    found.push(...pathFindings(own ?? untried(path, "nobody looked", now), now));
  }
  for (const check of action.reports) found.push(reportFinding(check, await newestOf(records, check, now), now));
  const form = begun.notes?.answered?.form ?? {};
  for (const { name, ask } of action.items) {
    const isSo = form[name] === true;
    const evidence = form[`${name}-evidence`];
    found.push({
      check: "item",
      subject: name,
      outcome: isSo ? "pass" : "fail",
      sentence: isSo ? `${begun.notes?.answered?.by ?? ""} has seen it: ${String(evidence)}` : `It is not so: ${ask}`,
      at: begun.begunAt.toString(),
    });
  }
  return found;
}

async function newestOf(
  records: Records,
  { service, environment, source }: ReportCheck,
  at: Temporal.Instant,
): Promise<ReportedSignal | null> {
  const asked = { service, environment, status: "unknown", source, at, ref: null } as const;
  const newest = await records.reports.newest("signal", addressOf({ kind: "signal", record: asked }));
  return newest?.report.kind === "signal" ? newest.report.record : null;
}
