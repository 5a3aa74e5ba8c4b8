import { setImmediate as immediately } from "node:timers/promises";
import type { Pool } from "pg";
import { z } from "zod";
import { monotonicMs } from "#runtime/clock.ts";
import { documentsInForce } from "#store/configuration.ts";
import { organisationInForce } from "#store/organisation.ts";
import { admissionVerdicts, countAdmissionVerdicts, policiesInForce, policyVersions } from "#store/policy.ts";
import type { RecordHooks } from "#store/records.ts";
import { readSnapshot } from "#store/sql.ts";
import { verdictText } from "#store/verdict.ts";
import { makeBackTest } from "#usecases/policy/back-test.ts";
import { makeListPolicies, makeShowPolicy, type ListPoliciesDeps } from "#usecases/policy/list-policies.ts";
import type { PolicyOperations } from "#usecases/policy/policy-operations.ts";
import { judge } from "#main/bind-operations.ts";

/** Policies in force and in all their versions, and what a draft of them would have done. */
export function bindPolicies(pool: Pool, { organisations }: Pick<RecordHooks, "organisations">): PolicyOperations {
  const reading: ListPoliciesDeps = {
    inForce: () => policiesInForce(pool),
    versionsOf: (name) => policyVersions(pool, name),
    organisation: () => readSnapshot(pool, (client) => organisationInForce(client, organisations)),
  };
  return {
    list: makeListPolicies(reading),
    show: makeShowPolicy(reading),
    backTest: makeBackTest({
      judge,
      textOf: verdictText,
      rulesIn,
      documents: () => documentsInForce(pool),
      verdicts: (asked, limit) => admissionVerdicts(pool, asked, limit),
      count: (span) => countAdmissionVerdicts(pool, span),
      breathe: () => immediately(),
      stopwatch: monotonicMs,
    }),
  };
}

const judged = z.object({ findings: z.array(z.object({ rule: z.string(), ruleVersion: z.string() })) });

function rulesIn(storedVerdict: string): string {
  const { findings } = judged.parse(JSON.parse(storedVerdict));
  return findings.map(({ rule, ruleVersion }) => `${rule} ${ruleVersion}`).join("\n");
}
