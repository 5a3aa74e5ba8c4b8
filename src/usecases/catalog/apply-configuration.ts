import { diffDocuments } from "#config/diff.ts";
import type { Document } from "#config/document.ts";
import { placeProblem } from "#config/document.ts";
import { exportedOrigin } from "#config/encode.ts";
import { isError, type Problem } from "#config/problem.ts";
import { checkSources } from "#config/world.ts";
import { err, ok } from "#core/result.ts";
import type { ConfigurationProblem, Operations } from "#usecases/operations.ts";
import type { Transact } from "#usecases/records.ts";

export interface ApplyConfigurationDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}

/**
 * Makes the documents the configuration in force: all of them, or none when anything is wrong. Waiting work is judged
 * again, because any fact may have changed.
 */
export function makeApplyConfiguration(deps: ApplyConfigurationDeps): Operations["applyConfiguration"] {
  return async (input, call) => {
    const { documents, problems } = checkSources(input.files);
    const errors = [...problems.filter(isError), ...documents.filter(isState).map(stateProblem)];
    if (errors.length > 0) return err({ code: "invalid-configuration", problems: errors.map(toWire) });
    return await deps.transact(async (records) => {
      const changes = diffDocuments(await records.configuration.inForce(), documents);
      if (input.mode === "dry-run" || changes.length === 0) return ok({ applied: false, revision: null, changes });
      const at = deps.now();
      const revision = await records.configuration.replace(documents, at, call.actor.person);
      await records.deployments.wake(null, at);
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
    });
  };
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
