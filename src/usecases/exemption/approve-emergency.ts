import { personResolver } from "#core/approval/persons.ts";
import { isIn } from "#core/calendar/span-set.ts";
import { rosterOf } from "#core/calendar/cover/on-duty.ts";
import type { EmergencyTicket } from "#core/exemption/emergency.ts";
import { laneApprovals, laneNeeds, ticketGaps } from "#core/exemption/lane.ts";
import type { Facts } from "#core/policy/facts.ts";
import type { EmergencyDemand } from "#core/policy/policy.ts";
import { after, sayInstant } from "#core/policy/say.ts";
import { joinEmergency } from "#core/policy/strictness.ts";
import { makersOf } from "#core/release/artifact.ts";
import { err, ok } from "#core/result.ts";
import type { EmergencyApprovalRefusal, ExemptionOperations } from "#usecases/exemption/exemption-operations.ts";
import { audienceOf, noted } from "#usecases/exemption/open-emergency.ts";
import type { ExemptionDeps } from "#usecases/exemption/request-exemption.ts";
import { demandOf } from "#usecases/exemption/settle-start.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { Records } from "#usecases/records.ts";

/** What policies ask in all places of the ticket, and who is there. */
interface Lane {
  readonly facts: Facts;
  readonly demand: EmergencyDemand;
}

/**
 * Consent of somebody on duty to an emergency. With the last one that is needed the permission begins, for as long as
 * policies say, and those who feel it are told. The rule `emergency-permitted` counts once more at every start.
 */
export function makeApproveEmergency({ now, transact }: ExemptionDeps): ExemptionOperations["approveEmergency"] {
  return ({ id }, call) =>
    transact(async (records) => {
      const at = now();
      const ticket = await records.emergencies.find(id);
      if (ticket === null) return err("no-such-emergency");
      const lane = await laneOf(records, ticket, at);
      const { person } = call.actor;
      const refusal = refusalOf(ticket, lane, person, at);
      if (refusal !== null) return err(refusal);
      const approval = { person, at, onDuty: true };
      if (!(await records.emergencies.approve(id, approval))) return err("already-approved");
      const approved = { ...ticket, approvedBy: [...ticket.approvedBy, approval] };
      const until = ticket.until ?? permittedUntil(approved, lane, at);
      if (ticket.until === null && until !== null) await records.emergencies.permit(id, { from: at, to: until });
      const isNew = ticket.until === null && until !== null;
      const zone = lane.facts.environment?.zone ?? null;
      const sentence =
        until === null
          ? ""
          : `The emergency ${id} (${ticket.ticket}) permits ${ticket.service} ${ticket.version} until ${sayInstant(until, zone)}`;
      const announced = isNew ? audienceOf(ticket, await records.catalog.inForce(), sentence, at) : [];
      await records.emergencies.announce(announced);
      const state = { ticket: { ...approved, until }, debts: [], announced };
      const outcome = isNew ? "permitted" : "approved";
      await noted(records, { state, action: "emergency.approve", outcome, reason: null, at }, call);
      return ok(state);
    });
}

async function laneOf(records: Records, ticket: EmergencyTicket, at: Temporal.Instant): Promise<Lane> {
  let lane: Lane | null = null;
  for (const environment of ticket.environments) {
    const { service, version } = ticket;
    const subject = {
      service,
      version,
      environment,
      action: "deploy",
      class: "emergency",
      invoker: "person",
      requestedBy: null,
      contentDigest: null,
      onBehalfOf: null,
    } as const;
    const facts: Facts = await records.facts.load(subject, at, horizonOf(at));
    const demand = demandOf(facts, at);
    lane = lane === null ? { facts, demand } : { facts: lane.facts, demand: joinEmergency(lane.demand, demand) };
  }
  if (lane === null) throw new Error(`${ticket.id} names no environment`);
  return lane;
}

function refusalOf(
  ticket: EmergencyTicket,
  { facts, demand }: Lane,
  name: string,
  at: Temporal.Instant,
): EmergencyApprovalRefusal | null {
  const resolve = personResolver(facts.people);
  const person = resolve(name) ?? name;
  const isSelf = (other: string): boolean => (resolve(other) ?? other) === person;
  if (isSelf(ticket.openedBy)) return "own-request";
  if (makersOf(facts.artifact).some(isSelf)) return "own-work";
  if (ticket.until !== null && Temporal.Instant.compare(ticket.until, at) <= 0) return "permission-over";
  const gaps = ticketGaps(ticket, demand);
  if (gaps.length > 0) return { code: "ticket-incomplete", gaps: gaps.map(({ said }) => said) };
  return isOnDuty(facts, person, at) ? null : "not-on-duty";
}

/** Compliance consents without a shift; where nobody has declared a rota, nobody can be off duty. */
function isOnDuty({ rotas, people }: Facts, person: string, at: Temporal.Instant): boolean {
  if (rotas === "none" || people.get(person)?.roles.includes("compliance") === true) return true;
  if (rotas === "unknown") return false;
  return rotas.some((cover) => {
    const roster = rosterOf(cover, { from: at, to: at.add({ milliseconds: 1 }) });
    const duty = roster.ok ? roster.value.get(person) : undefined;
    return duty !== undefined && isIn(duty, at);
  });
}

/** null while approvals are missing. */
function permittedUntil(
  ticket: EmergencyTicket,
  { facts, demand }: Lane,
  at: Temporal.Instant,
): Temporal.Instant | null {
  const needs = laneNeeds(ticket, demand, facts.debts, at);
  const { counted, hasCompliance } = laneApprovals(
    ticket,
    { people: facts.people, concerned: makersOf(facts.artifact) },
    at,
  );
  const isEnough = counted.length >= needs.approvals && (!needs.compliance || hasCompliance);
  return isEnough ? after(at, demand.validFor) : null;
}
