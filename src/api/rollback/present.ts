import type { z } from "zod";
import type { Context, DeepReadonly } from "#api/handler.ts";
import type { getWayBack, listRollbackDecisions, rehearsal } from "#contract/rollback.ts";
import { can } from "#core/access/can.ts";
import { elapsedMs } from "#core/policy/say.ts";
import { isMeant } from "#core/release/hold.ts";
import { expiresAt, mayDecide, type RollbackDecision } from "#core/rollback/decision.ts";
import { mayState } from "#core/rollback/may-state.ts";
import type { LeftVersion } from "#core/rollout/left-version.ts";
import { silentPast, type PointOfNoReturn } from "#core/rollback/plan.ts";
import { sayConfiguration } from "#core/rollback/rehearsal.ts";
import type { WayBackView } from "#usecases/rollback/rollback-operations.ts";
import type { Rehearsal } from "#usecases/rollback/rollback-records.ts";

type WireWayBack = DeepReadonly<z.input<(typeof getWayBack)["answers"][200]>>;
type WireDecision = DeepReadonly<z.input<(typeof listRollbackDecisions)["answers"][200]>>["items"][number];

export function presentWayBack(view: WayBackView, { identity }: Context): WireWayBack {
  const { plan, time, latestStart, rehearsal: found, canRehearse, decisions, left, ...rest } = view;
  return {
    ...rest,
    plan:
      plan === null
        ? null
        : {
            document: plan.document,
            triggers: plan.triggers,
            steps: plan.steps,
            expectedSeconds: plan.expected === null ? null : elapsedMs(plan.expected) / 1000,
            pointOfNoReturn: presentPoint(plan.pointOfNoReturn),
            limits: plan.limits,
          },
    time: time === null ? null : { seconds: time.milliseconds / 1000, known: time.known },
    latestStart:
      latestStart === null ? null : { at: latestStart.at.toString(), closesAt: latestStart.closesAt.toString() },
    rehearsal: found === null ? null : presentRehearsal(found),
    rehearsedIn: canRehearse?.environment ?? null,
    configuration: sayConfiguration(canRehearse),
    decisions: decisions.map(presentDecision),
    left: left.map(presentLeft),
    actions: actionsOn(decisions.find(({ ended }) => ended === null) ?? null, identity),
  };
}

function presentLeft({ version, leftAt, sessions, counted, askAt, asked, endWantedBy, ended }: LeftVersion) {
  return {
    version,
    leftAt: leftAt.toString(),
    sessions: sessions === null ? null : (counted?.live ?? null),
    isExact: counted?.isExact ?? false,
    askAt: askAt?.toString() ?? null,
    asked,
    endWantedBy,
    ended: ended === null ? null : { ...ended, at: ended.at.toString() },
  };
}

function presentPoint(point: PointOfNoReturn | null) {
  return point === null ? null : { percent: point.percent, why: point.why, whenSilent: silentPast(point) };
}

/** What the viewer may do while a decision is open, and why not. */
function actionsOn(open: RollbackDecision | null, { person }: Context["identity"]): WireWayBack["actions"] {
  if (open === null) return [];
  const { decider, deputy } = open.protocol;
  const right = can({ person }, "deployment.decide");
  const isNamed = mayDecide(open.protocol, (name) => isMeant(name, person));
  const who = deputy === null ? decider : `${decider} or ${deputy}`;
  const because = isNamed ? right.because.join(" ") : `${who} decides.`;
  const word = mayState(open.protocol, person);
  return [
    { name: "decide", allowed: isNamed && right.allowed, because },
    { name: "state", allowed: word.allowed, because: word.allowed ? "" : word.because.join(" ") },
  ];
}

export function presentDecision(decision: RollbackDecision): WireDecision {
  const { id, deployment, cause, because, openedAt, protocol, statements, ended } = decision;
  return {
    id,
    deployment,
    cause,
    because,
    openedAt: openedAt.toString(),
    expiresAt: expiresAt(decision).toString(),
    whenSilent: protocol.whenSilent,
    decider: protocol.decider,
    deputy: protocol.deputy,
    downtimeSeconds: protocol.downtime === null ? null : elapsedMs(protocol.downtime) / 1000,
    stakeholders: protocol.stakeholders,
    statements: statements.map(({ at, ...said }) => ({ ...said, at: at.toString() })),
    ended: ended === null ? null : { ...ended, at: ended.at.toString() },
  };
}

export function presentRehearsal(one: Rehearsal): DeepReadonly<z.input<typeof rehearsal>> {
  return { ...one, at: one.at.toString() };
}
