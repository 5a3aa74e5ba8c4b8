import { can, type Access } from "#core/access/can.ts";
import type { Person } from "#core/catalog/people.ts";
import { isMeant } from "#core/release/hold.ts";
import type { DecisionProtocol } from "#core/rollback/decision.ts";

/**
 * Whose words go on record while it is decided whether a release goes back: those of whom the protocol names in any part,
 * and of those who do work. Somebody who only looks is asked first; who audits the record writes nothing into it.
 */
export function mayState({ decider, deputy, tell, stakeholders }: DecisionProtocol, person: Person): Access {
  const right = can({ person }, "decision.state");
  if (!right.allowed) return right;
  const named = [decider, deputy, ...tell, ...stakeholders.flatMap((one) => [one.who, one.deputy])];
  if (named.some((name) => name !== null && isMeant(name, person))) return right;
  if (can({ person }, "task.answer").allowed) return right;
  return { allowed: false, because: [`Nobody has asked ${person.name}: the plan of the way back names who is.`] };
}
