/*
 * Who decides whether a release is taken back when it is not clear by itself (capability J10). The clock begins with the
 * first alert; what is due follows from the record alone, so it survives restarts and comes to the same on every worker.
 */

export const decisionOptions = ["go-back", "go-on"] as const;
/** `go-on`: to the next share, or stay live. */
export type DecisionOption = (typeof decisionOptions)[number];

/** As the team of the service has written it. Names are those of a person, a team or a role. */
export interface DecisionProtocol {
  readonly decider: string;
  /** null: nobody. */
  readonly deputy: string | null;
  /** From the first alert; then the default is taken. */
  readonly within: Temporal.Duration;
  readonly whenSilent: DecisionOption;
  /** The first message goes out so long after the first alert. */
  readonly firstMessage: Temporal.Duration;
  /** Who gets the messages, beside decider and deputy. */
  readonly tell: readonly string[];
  /** How long users are without the service while it is taken back; null: they are not. */
  readonly downtime: Temporal.Duration | null;
  /** Whose business it is: asked where the cure needs downtime. */
  readonly stakeholders: readonly Stakeholder[];
  /** Who of them says nothing for so long has their deputy asked. */
  readonly answerWithin: Temporal.Duration;
}

export interface Stakeholder {
  readonly who: string;
  readonly deputy: string | null;
}

/** What somebody has said, with name and time; never changed. */
export interface DecisionStatement {
  readonly at: Temporal.Instant;
  /** Person. */
  readonly person: string;
  /** `objection`: against what is about to be done; `answer`: of a stakeholder; `decision`: ends it. */
  readonly kind: "objection" | "answer" | "decision";
  /** What is wanted; null: only said. */
  readonly option: DecisionOption | null;
  readonly text: string;
}

/** One question that is open, or was answered. */
export interface RollbackDecision {
  readonly id: string;
  readonly deployment: string;
  /** `held`: a run holds its position and goes on or back; `alert`: it is live, and stays or goes back. */
  readonly cause: "held" | "alert";
  readonly because: string;
  /** The first alert. */
  readonly openedAt: Temporal.Instant;
  readonly protocol: DecisionProtocol;
  readonly statements: readonly DecisionStatement[];
  /** Keys of the messages that are out. */
  readonly sent: readonly string[];
  readonly ended: DecisionEnd | null;
}

export interface DecisionEnd {
  readonly at: Temporal.Instant;
  readonly option: DecisionOption;
  /** Person; null: nobody decided, the default was taken. */
  readonly by: string | null;
}

/** Something that is due by the protocol; a message goes out once per key. */
export type DecisionAct =
  | { readonly kind: "message"; readonly key: string; readonly to: readonly string[]; readonly about: MessageAbout }
  | { readonly kind: "expire"; readonly option: DecisionOption };

/** `ask`: a stakeholder; `ask-deputy`: instead of one who is silent; `decide`: whoever decides; `first`: everybody. */
export type MessageAbout = "decide" | "ask" | "ask-deputy" | "first";

export function expiresAt({ openedAt, protocol }: Pick<RollbackDecision, "openedAt" | "protocol">): Temporal.Instant {
  return openedAt.add(protocol.within);
}

interface Planned {
  readonly at: Temporal.Instant;
  readonly act: DecisionAct;
}

/** What is due at an instant and has not been done, in order of time. Nothing is, once it has ended. */
export function dueActs(
  decision: RollbackDecision,
  at: Temporal.Instant,
  isOf: (name: string, person: string) => boolean,
): readonly DecisionAct[] {
  return pending(decision, isOf)
    .filter((planned) => Temporal.Instant.compare(planned.at, at) <= 0)
    .map(({ act }) => act);
}

/** When something is due next; null: it has ended. */
export function nextDueAt(
  decision: RollbackDecision,
  isOf: (name: string, person: string) => boolean,
): Temporal.Instant | null {
  return pending(decision, isOf)[0]?.at ?? null;
}

/** What is still to come, in order of time. A message that would come at the end or later is not sent any more. */
function pending(decision: RollbackDecision, isOf: (name: string, person: string) => boolean): readonly Planned[] {
  const { openedAt, protocol, sent, ended } = decision;
  if (ended !== null) return [];
  const end = expiresAt(decision);
  const expiry: Planned = { at: end, act: { kind: "expire", option: protocol.whenSilent } };
  const messages = [
    toDeciders(decision),
    ...asked(decision, isOf),
    message(openedAt.add(protocol.firstMessage), "first", protocol.tell, "first"),
  ].filter(({ at, act }) => {
    const isNew = act.kind === "message" && act.to.length > 0 && !sent.includes(act.key);
    return isNew && Temporal.Instant.compare(at, end) <= 0;
  });
  return [...messages, expiry].toSorted((a, b) => Temporal.Instant.compare(a.at, b.at));
}

/** Whoever decides knows at once: their clock runs already. */
function toDeciders({ openedAt, protocol: { decider, deputy } }: RollbackDecision): Planned {
  return message(openedAt, "decide", [decider, ...(deputy === null ? [] : [deputy])], "decide");
}

/** Where users would be without the service, its business is asked; and who stands in for those who are silent. */
function asked(
  { openedAt, protocol, statements }: RollbackDecision,
  isOf: (name: string, person: string) => boolean,
): readonly Planned[] {
  if (protocol.downtime === null) return [];
  const silentAt = openedAt.add(protocol.answerWithin);
  return protocol.stakeholders.flatMap(({ who, deputy }) => {
    const hasSpoken = statements.some(({ person }) => isOf(who, person));
    const first = message(openedAt, `ask ${who}`, [who], "ask");
    if (deputy === null || hasSpoken) return [first];
    return [first, message(silentAt, `ask ${deputy} for ${who}`, [deputy], "ask-deputy")];
  });
}

function message(at: Temporal.Instant, key: string, to: readonly string[], about: MessageAbout): Planned {
  return { at, act: { kind: "message", key, to, about } };
}

/** Whoever decides by the protocol, or stands in for them. */
export function mayDecide(
  { decider, deputy }: Pick<DecisionProtocol, "decider" | "deputy">,
  isMeant: (name: string) => boolean,
): boolean {
  return isMeant(decider) || (deputy !== null && isMeant(deputy));
}

/**
 * Whether a person's word is waited for: as one whose business it is, or, once that one has been silent for
 * `answerWithin`, as their deputy. A word of either is the answer of both.
 */
export function mustAnswer(
  { openedAt, protocol, statements, ended }: RollbackDecision,
  at: Temporal.Instant,
  person: string,
  isOf: (name: string, person: string) => boolean,
): boolean {
  if (ended !== null || protocol.downtime === null) return false;
  const isLate = Temporal.Instant.compare(at, openedAt.add(protocol.answerWithin)) >= 0;
  return protocol.stakeholders.some(({ who, deputy }) => {
    const names = deputy === null ? [who] : [who, deputy];
    if (statements.some((said) => names.some((name) => isOf(name, said.person)))) return false;
    return isOf(who, person) || (deputy !== null && isLate && isOf(deputy, person));
  });
}
