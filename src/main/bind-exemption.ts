import type { Pool } from "pg";
import { rules } from "#core/policy/registry.ts";
import { listAnnouncements, listDebts, listEmergencies, readEmergency } from "#store/emergency.ts";
import { listExemptions, listOverrides, listUses, readExemption } from "#store/exemption.ts";
import { readSnapshot } from "#store/sql.ts";
import { makeApproveEmergency } from "#usecases/exemption/approve-emergency.ts";
import { makeApproveExemption, makeRevokeExemption } from "#usecases/exemption/change-exemption.ts";
import type { ExemptionOperations } from "#usecases/exemption/exemption-operations.ts";
import { makeOpenEmergency } from "#usecases/exemption/open-emergency.ts";
import { makeOverrideFinding } from "#usecases/exemption/override-finding.ts";
import { makePayDebt } from "#usecases/exemption/pay-debt.ts";
import { makeRequestExemption } from "#usecases/exemption/request-exemption.ts";
import type { Judge } from "#usecases/policy/ask-verdict.ts";
import type { Transact } from "#usecases/records.ts";

/** An export is one answer: beyond this nobody reads it as one. */
const maxRegister = 10_000;
/** Beside one exemption or emergency. */
const maxBeside = 1_000;

/** Exemptions, overrides, emergencies and debts. */
export function bindExemption(
  pool: Pool,
  transact: Transact,
  { now, judge }: { readonly now: () => Temporal.Instant; readonly judge: Judge },
): ExemptionOperations {
  const deps = { now, transact };
  return {
    requestExemption: makeRequestExemption(deps),
    approveExemption: makeApproveExemption(deps),
    revokeExemption: makeRevokeExemption(deps),
    overrideFinding: makeOverrideFinding({ ...deps, judge, rules }),
    openEmergency: makeOpenEmergency(deps),
    approveEmergency: makeApproveEmergency(deps),
    payDebt: makePayDebt(deps),
    exemptionTypes: () => transact(async ({ catalog }) => (await catalog.inForce()).exemptionTypes),
    ...views(pool),
  };
}

type View =
  | "listExemptions"
  | "exemption"
  | "register"
  | "listOverrides"
  | "emergency"
  | "listEmergencies"
  | "listDebts"
  | "listAnnouncements";

function views(pool: Pool): Pick<ExemptionOperations, View> {
  return {
    listExemptions: (query) => readSnapshot(pool, (client) => listExemptions(client, query)),
    exemption: (id) =>
      readSnapshot(pool, async (client) => {
        const found = await readExemption(client, id);
        return found === null ? null : { found, uses: await listUses(client, id, maxBeside) };
      }),
    register: () =>
      readSnapshot(pool, async (client) => {
        const all = { openAt: null, limit: maxRegister, cursor: null };
        return {
          exemptions: (await listExemptions(client, all)).items,
          overrides: await listOverrides(client, null, maxRegister),
          uses: await listUses(client, null, maxRegister),
        };
      }),
    listOverrides: (deployment, limit) => readSnapshot(pool, (client) => listOverrides(client, deployment, limit)),
    emergency: (id) =>
      readSnapshot(pool, async (client) => {
        const ticket = await readEmergency(client, id);
        if (ticket === null) return null;
        const debts = await listDebts(client, { team: null, emergency: id, show: "all", limit: maxBeside });
        const announced = await listAnnouncements(client, { person: null, object: id }, maxBeside);
        return { ticket, debts, announced };
      }),
    listEmergencies: (limit) => readSnapshot(pool, (client) => listEmergencies(client, limit)),
    listDebts: (query) => readSnapshot(pool, (client) => listDebts(client, query)),
    listAnnouncements: (about, limit) => readSnapshot(pool, (client) => listAnnouncements(client, about, limit)),
  };
}
