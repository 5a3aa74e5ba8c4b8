import { dependantsOf } from "#core/catalog/graph.ts";
import type { Organisation } from "#core/catalog/organisation.ts";
import type { EmergencyTicket } from "#core/exemption/emergency.ts";
import type { Announcement } from "#core/exemption/register.ts";
import { err, ok } from "#core/result.ts";
import type {
  EmergencyRefusal,
  EmergencyRequest,
  EmergencyState,
  ExemptionOperations,
} from "#usecases/exemption/exemption-operations.ts";
import type { ExemptionDeps } from "#usecases/exemption/request-exemption.ts";
import { horizonOf } from "#usecases/policy/ask-verdict.ts";
import type { Call } from "#usecases/operations.ts";
import type { Records } from "#usecases/records.ts";

/**
 * Opens a ticket for one digest and named places. Its impact is computed from the graph here and now, and those who
 * would feel it are told. A ticket is never changed: what it lacks is said in a new one, and the newest counts.
 */
export function makeOpenEmergency({ now, transact }: ExemptionDeps): ExemptionOperations["openEmergency"] {
  return (input, call) =>
    transact(async (records) => {
      const at = now();
      const organisation = await records.catalog.inForce();
      const service = organisation.services.get(input.service);
      if (service === undefined) return err("no-such-service");
      const artifact = await records.artifacts.find(input.service, input.version);
      if (artifact === null) return err("no-such-artifact");
      const stranger = await unknownIn(records, input, organisation, at);
      if (stranger !== null) return err(stranger);
      const draft = {
        ...input,
        digest: artifact.digest,
        team: service.team,
        environments: [...new Set(input.environments)].sort(),
        impact: dependantsOf(organisation.services, service.name).map(({ name }) => name),
        openedBy: call.actor.person,
        openedAt: at,
      };
      const id = await records.emergencies.insert(draft);
      const ticket: EmergencyTicket = { ...draft, id, approvedBy: [], until: null };
      const where = ticket.environments.join(", ");
      const sentence = `${call.actor.person} has opened the emergency ${id} (${ticket.ticket}) for ${service.name} ${ticket.version} in ${where}: ${ticket.cause || "no cause given"}`;
      const state = { ticket, debts: [], announced: audienceOf(ticket, organisation, sentence, at) };
      await records.emergencies.announce(state.announced);
      await noted(records, { state, action: "emergency.open", outcome: "opened", reason: input.cause, at }, call);
      return ok(state);
    });
}

async function unknownIn(
  records: Records,
  { service, version, environments, passesFreezes }: EmergencyRequest,
  organisation: Organisation,
  at: Temporal.Instant,
): Promise<Extract<EmergencyRefusal, { readonly code: string }> | null> {
  const place = environments.find((name) => !organisation.environments.has(name));
  if (place !== undefined) return { code: "no-such-environment", name: place };
  const known = new Set<string>();
  for (const environment of passesFreezes.length === 0 ? [] : environments) {
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
    const { freezes } = await records.facts.load(subject, at, horizonOf(at));
    for (const freeze of freezes) known.add(freeze.name);
  }
  const freeze = passesFreezes.find((name) => !known.has(name));
  return freeze === undefined ? null : { code: "no-such-freeze", name: freeze };
}

/** Everybody of the teams that own the service and those that would feel it. */
export function audienceOf(
  { id, service, impact }: EmergencyTicket,
  { services, people }: Organisation,
  sentence: string,
  at: Temporal.Instant,
): readonly Announcement[] {
  const felt = [service, ...(impact ?? [])];
  const teams = new Set(felt.map((name) => services.get(name)?.team));
  const meant = [...people.values()].filter((person) => person.teams.some((team) => teams.has(team)));
  return meant.map(({ name }) => ({ person: name, object: id, sentence, at }));
}

interface Note {
  readonly state: EmergencyState;
  readonly action: string;
  readonly outcome: string;
  readonly reason: string | null;
  readonly at: Temporal.Instant;
}

/** On record, and the waiting work that the ticket is about is judged again at once. */
export async function noted(records: Records, { state, action, outcome, reason, at }: Note, call: Call): Promise<void> {
  const { id, service, environments } = state.ticket;
  await records.reports.wake({ services: [service], environments, digest: null }, at);
  await records.audit.append({
    at,
    actor: call.actor,
    action,
    object: id,
    outcome,
    reason: reason === "" ? null : reason,
    verdict: null,
    requestId: call.requestId,
    before: null,
    after: state.ticket,
  });
}
