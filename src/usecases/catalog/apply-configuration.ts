import { easingNothingOwn, type OwnEasing, unlessForOneself } from "#usecases/catalog/own-change.ts";
import type { Judge } from "#usecases/policy/ask-verdict.ts";
import { diffDocuments } from "#config/diff.ts";
import type { Document } from "#config/document.ts";
import { placeProblem } from "#config/document.ts";
import { exportedOrigin } from "#config/encode.ts";
import { isError, type Problem } from "#config/problem.ts";
import type { SourceFile } from "#config/source.ts";
import { itemsOf, member } from "#config/json.ts";
import { denials, grants } from "#core/access/grants.ts";
import { roles } from "#core/catalog/people.ts";
import { err, ok } from "#core/result.ts";
import type { ConfigurationProblem, Operations } from "#usecases/operations.ts";
import type { Transact } from "#usecases/records.ts";
import type { TellRun } from "#usecases/rollout/decide-held.ts";
import { lookAgain } from "#usecases/rollout/look-again.ts";

export interface ApplyConfigurationDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
  readonly tellRun: TellRun;
  readonly check: CheckConfiguration;
  readonly judge: Judge;
}

/**
 * Reads and checks texts. Bound to a thread of its own for large ones: whoever may compare a configuration must not be
 * able to stop everybody else's requests with it.
 */
export type CheckConfiguration = (
  files: readonly SourceFile[],
) => Promise<{ readonly documents: readonly Document[]; readonly problems: readonly Problem[] }>;

/**
 * Makes the documents the configuration in force: all of them, or none when anything is wrong. Waiting work is judged
 * again, because any fact may have changed.
 */
export function makeApplyConfiguration(deps: ApplyConfigurationDeps): Operations["applyConfiguration"] {
  return async (input, call) => {
    const { documents: read, problems } = await deps.check(input.files);
    const errors = [...problems.filter(isError), ...read.filter(isState).map(stateProblem)];
    if (errors.length > 0) return err({ code: "invalid-configuration", problems: errors.map(toWire) });
    // Cases are tests of what is applied and no part of it: they have been checked, and are kept beside it for a page.
    const documents = read.filter((document) => !isCase(document));
    return await unlessForOneself(
      deps.transact,
      async (records) => {
        const inForce = await records.configuration.inForce();
        if (mayApply(inForce) && !mayApply(documents))
          return err({ code: "invalid-configuration", problems: [toWire(lockOut(input.files[0]?.path ?? ""))] });
        const changes = diffDocuments(inForce, documents);
        if (input.mode === "dry-run") return ok({ applied: false, revision: null, changes });
        const at = deps.now();
        await records.configuration.keepCases(read.filter(isCase), at, call.actor.person);
        if (changes.length === 0) return ok({ applied: false, revision: null, changes });
        const revision = await easingNothingOwn(deps.judge, records, { by: call.actor.person, at }, () =>
          records.configuration.replace(documents, at, call.actor.person),
        );
        await records.deployments.wake(null, at);
        await lookAgain(deps.tellRun, records, call.requestId);
        await records.audit.append({
          at,
          actor: call.actor,
          action: "configuration.apply",
          object: `configuration/${revision}`,
          outcome: "applied",
          reason: null,
          verdict: null,
          requestId: call.requestId,
          before: null,
          after: { revision, changes: changes.map(({ kind, name, change }) => `${change} ${kind}/${name}`) },
        });
        return ok({ applied: true, revision, changes });
      },
      (easings) =>
        err({ code: "invalid-configuration", problems: easings.map((each) => toWire(ownChange(input, each))) }),
    );
  };
}

/** A rule cannot be edited to let through one's own change (semantics §3.9); somebody else may well see it the same way. */
function ownChange({ files }: { readonly files: readonly SourceFile[] }, easing: OwnEasing): Problem {
  const { person, deployment, subject, rule, sentence } = easing;
  const { service, version, environment } = subject;
  return {
    severity: "error",
    path: files[0]?.path ?? "",
    line: 1,
    column: 1,
    code: "own-change",
    message: `${person} has asked for or written ${service}@${version} for ${environment} (${deployment}), and these documents ease what stops it, by ${rule}: ${sentence}`,
    remedy: "Let another person apply them, or ask for an exemption of your change.",
    excerpt: "",
    document: null,
  };
}

/** Whether any person of the documents may apply a configuration. */
function mayApply(documents: readonly Document[]): boolean {
  return documents.some(({ kind, spec }) => {
    if (kind !== "Person" || itemsOf(member(spec, "accounts")).length === 0) return false;
    const held = itemsOf(member(spec, "roles"));
    const excluded = roles.some((role) => held.includes(role) && denials[role]?.includes("configuration.apply"));
    return !excluded && roles.some((role) => held.includes(role) && grants[role].includes("configuration.apply"));
  });
}

/** One file of a folder, or the wrong folder, must not take the installation out of everybody's hands. */
function lockOut(path: string): Problem {
  return {
    severity: "error",
    path,
    line: 1,
    column: 1,
    code: "nobody-may-apply",
    message: "These documents name no person who may apply a configuration, so nobody could ever change it again.",
    remedy: "Apply the whole folder: what is left out is removed. Keep a person with the role administrator.",
    excerpt: "",
    document: null,
  };
}

function isCase(document: Document): boolean {
  return document.kind === "PolicyCase";
}

function isState(document: Document): boolean {
  return document.kind === "State";
}

/** A server knows the state of things itself; a State document is for `why --from` and for tests. */
function stateProblem(document: Document): Problem {
  const problem = {
    at: [],
    code: "kind-not-supported",
    message: "A State document cannot be applied: the server keeps the state itself.",
    remedy: "Leave it out of the folder that is applied; it serves `tidegate why --from DIR`.",
  } as const;
  return placeProblem(document, problem, exportedOrigin);
}

function toWire({ path, line, column, code, message, remedy, excerpt }: Problem): ConfigurationProblem {
  return { path, line, column, code, message, remedy, excerpt };
}
