import type { Document } from "#config/document.ts";
import { encodeDocument } from "#config/encode.ts";
import { runbook as runbookKind } from "#config/kinds/runbook.ts";
import { err, ok } from "#core/result.ts";
import type { PlanOperations, RunbookVersion } from "#usecases/plan/plan-operations.ts";
import type { Transact } from "#usecases/records.ts";

export interface ShowRunbookDeps {
  readonly transact: Transact;
  /** The newest first. */
  readonly versionsOf: (name: string) => Promise<readonly (RunbookVersion & { readonly document: Document })[]>;
}

/** A runbook as it is in force, or was in any version, with all its versions. */
export function makeShowRunbook({ transact, versionsOf }: ShowRunbookDeps): PlanOperations["showRunbook"] {
  return async (name, wanted) => {
    const versions = await versionsOf(name);
    if (versions.length === 0) return err("no-such-runbook");
    const found = versions.find(({ version }) => wanted === null || version === wanted);
    if (found === undefined) return err("no-such-version");
    const decoded = runbookKind.decode(found.document);
    const usualSeconds = await transact(({ runs }) => runs.usual(name));
    return ok({
      runbook: decoded.ok ? decoded.value : null,
      shown: withoutDocument(found),
      text: encodeDocument(found.document),
      versions: versions.map(withoutDocument),
      usualSeconds,
    });
  };
}

function withoutDocument({ version, from, to, appliedBy, place }: RunbookVersion): RunbookVersion {
  return { version, from, to, appliedBy, place };
}
