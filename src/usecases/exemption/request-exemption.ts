import { matchesGlob, type Scope } from "#core/catalog/scope.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import { parseControl } from "#core/exemption/control.ts";
import type { ExemptionType } from "#core/exemption/exemption.ts";
import { compareLengths } from "#core/policy/strictness.ts";
import { err, ok, type Result } from "#core/result.ts";
import type {
  ExemptionOperations,
  ExemptionRefusal,
  ExemptionRequest,
} from "#usecases/exemption/exemption-operations.ts";
import { placesOf } from "#usecases/exemption/places.ts";
import { renewalsBefore, type Wanted } from "#usecases/exemption/renewals.ts";
import type { Records, Transact } from "#usecases/records.ts";

export interface ExemptionDeps {
  readonly now: () => Temporal.Instant;
  readonly transact: Transact;
}

/** Exemptions that have not ended, at the same time: every verdict reads them. */
export const maxExemptions = 500;

/** Asks for an exemption of a type that the organisation grants. It serves nobody before compliance has approved it. */
export function makeRequestExemption({ now, transact }: ExemptionDeps): ExemptionOperations["requestExemption"] {
  return (input, call) =>
    transact(async (records) => {
      const at = now();
      const organisation = await records.catalog.inForce();
      const type = organisation.exemptionTypes.find(({ name }) => name === input.type);
      if (type === undefined) {
        const known = organisation.exemptionTypes.map(({ name }) => name);
        return err({ code: "no-such-exemption-type", known });
      }
      const wanted = withinType(input, type, organisation, at);
      if (!wanted.ok) return wanted;
      const { justification, until, renews } = input;
      const requestedBy = call.actor.person;
      const asked = { ...wanted.value, rule: type.rule, codes: type.codes, until, requestedBy };
      const renewal = await renewalNumber(records, { asked, renews, type, organisation });
      if (!renewal.ok) return renewal;
      if ((await records.exemptions.count(at)) >= maxExemptions) return err({ code: "too-many-exemptions" });
      const draft = { ...asked, type: type.name, justification, renews, renewal: renewal.value, requestedAt: at };
      const id = await records.exemptions.insert(draft);
      const found = await records.exemptions.find(id);
      if (found === null) throw new Error(`${id} was inserted and is not there`);
      await records.audit.append({
        at,
        actor: call.actor,
        action: "exemption.request",
        object: id,
        outcome: "requested",
        reason: justification,
        verdict: null,
        requestId: call.requestId,
        before: null,
        after: found.exemption,
      });
      return ok(found);
    });
}

interface Within {
  readonly from: Temporal.Instant;
  readonly scope: Scope;
  readonly subjects: readonly string[];
  readonly controls: readonly string[];
}

function withinType(
  input: ExemptionRequest,
  type: ExemptionType,
  organisation: Organisation,
  at: Temporal.Instant,
): Result<Within, ExemptionRefusal> {
  const from = input.from ?? at;
  if (Temporal.Instant.compare(from, input.until) >= 0 || Temporal.Instant.compare(input.until, at) <= 0) {
    return err({ code: "bad-span" });
  }
  if (compareLengths(from.until(input.until), type.maxDuration) > 0) {
    return err({ code: "too-long", most: type.maxDuration });
  }
  const control = input.controls.find((text) => parseControl(text) === null);
  if (control !== undefined) return err({ code: "unverifiable-control", control });
  const stranger = input.subjects.find((subject) => type.subjects.length > 0 && !type.subjects.includes(subject));
  if (stranger !== undefined) return err({ code: "outside-type", field: "subjects", allowed: type.subjects });
  const scope = narrowed(input.scope, type.scope);
  if (!scope.ok) return scope;
  if (placesOf(scope.value, organisation) === null) return err({ code: "exempts-nothing" });
  const subjects = input.subjects.length === 0 ? type.subjects : input.subjects;
  const controls = [...new Set([...type.controls, ...input.controls])];
  return ok({ from, scope: scope.value, subjects, controls });
}

/** Both scopes at once: what the type bounds may be named more narrowly, and is taken over where it is not named. */
function narrowed(asked: Scope, bound: Scope): Result<Scope, ExemptionRefusal> {
  for (const field of ["environments", "services", "teams", "units", "tags", "regions", "dataClasses"] as const) {
    const outside = outsideOf(asked[field], bound[field]);
    if (outside) return err({ code: "outside-type", field, allowed: bound[field] ?? [] });
  }
  for (const field of ["classes", "actions", "invokers"] as const) {
    const outside = outsideOf(asked[field], bound[field]);
    if (outside) return err({ code: "outside-type", field, allowed: bound[field] ?? [] });
  }
  const tiers = bound.tiers;
  if (tiers !== undefined && asked.tiers?.some((tier) => !tiers.includes(tier)) === true) {
    return err({ code: "outside-type", field: "tiers", allowed: tiers.map(String) });
  }
  return ok({ ...bound, ...asked });
}

/** A pattern of the asker is inside only when it is one of the type's own: whether it is narrower nobody can see. */
function outsideOf(asked: readonly string[] | undefined, bound: readonly string[] | undefined): boolean {
  if (asked === undefined || bound === undefined) return false;
  const isPattern = (text: string): boolean => text.includes("*") || text.includes("?");
  return asked.some((text) =>
    isPattern(text) ? !bound.includes(text) : !bound.some((glob) => matchesGlob(glob, text)),
  );
}

interface Renewing {
  readonly asked: Wanted;
  readonly renews: string | null;
  readonly type: ExemptionType;
  readonly organisation: Organisation;
}

/** How many come before it, named or not; a chain is as long as its type allows. */
async function renewalNumber(
  records: Records,
  { asked, renews, type, organisation }: Renewing,
): Promise<Result<number, ExemptionRefusal>> {
  const named = await namedRenewal(records, renews, type);
  if (!named.ok) return named;
  const approved = await records.exemptions.approvedOf(asked.rule);
  const renewal = Math.max(named.value, renewalsBefore(asked, approved, organisation, type.maxDuration));
  return renewal > type.renewals ? err({ code: "renewals-used-up" }) : ok(renewal);
}

async function namedRenewal(
  records: Records,
  renews: string | null,
  type: ExemptionType,
): Promise<Result<number, ExemptionRefusal>> {
  if (renews === null) return ok(0);
  const before = await records.exemptions.find(renews);
  if (before === null) return err({ code: "no-such-exemption" });
  if (before.type !== type.name) return err({ code: "other-type" });
  if ((await records.exemptions.renewalOf(renews)) !== null) return err({ code: "already-renewed" });
  return ok(before.renewal + 1);
}
