import { z } from "zod";
import type { LiveAsk } from "#web/approval/inbox.ts";
import type { DeploymentDetail } from "#web/release/deployment.ts";
import { Refused } from "#test/web/fake-refusal.ts";
import { watchOf } from "#test/web/fake-watch.ts";
import { wayBackOf } from "#test/web/fake-way-back.ts";
import { text } from "#test/web/fake-world.ts";

/** What is live and wants something of the viewer. */
export interface FakeLive {
  /** Whether the viewer's inbox has it. */
  asks: boolean;
  /** Words of the viewer since the start. */
  readonly said: { readonly what: "decided" | "stated" | "waited" | "checked in" | "ended"; readonly text: string }[];
}

interface Request {
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
}

const stating = z.object({ text: z.string(), option: z.enum(["go-back", "go-on"]).nullable() });
const waiting = z.object({ decision: z.enum(["end", "wait"]), reason: z.string() });
const checkingIn = z.object({ isWell: z.boolean(), sentence: z.string() });
const ending = z.object({ reason: z.string() });

export function fakeLiveHandlers(
  live: FakeLive,
  find: (id: string | undefined) => DeploymentDetail,
  now: () => Temporal.Instant,
): Readonly<Record<string, (request: Request) => unknown>> {
  const has = (what: FakeLive["said"][number]["what"]): boolean => live.said.some((one) => one.what === what);
  const wayBack = ({ params }: Request): unknown => {
    const shown = wayBackOf(find(params["id"]), now());
    const stated = live.said.filter(({ what }) => what === "stated");
    const more = stated.map((one) => ({
      at: text(now()),
      person: "ana",
      kind: "objection" as const,
      option: null,
      text: one.text,
    }));
    const ended = has("decided") ? { at: text(now()), option: "go-on" as const, by: "ana" } : null;
    const decisions = shown.decisions.map((one) => ({ ...one, statements: [...one.statements, ...more], ended }));
    return { ...shown, decisions, actions: ended === null ? shown.actions : [] };
  };
  const watch = ({ params }: Request): unknown => {
    const one = find(params["id"]);
    if (one.state !== "succeeded") throw new Refused(404, "not-watched", "Nothing is watched there.");
    const shown = watchOf(one, now());
    const ended = live.said.find(({ what }) => what === "ended");
    if (ended === undefined) return shown;
    const exit = { how: "decided" as const, at: text(now()), by: "ana", reason: ended.text };
    return { ...shown, phase: "over", exit, actions: [] };
  };
  return {
    getWayBack: wayBack,
    getLiveWatch: watch,
    sayOnDecision: (request) => {
      live.said.push({ what: "stated", text: stating.parse(request.body).text });
      return wayBack(request);
    },
    decideOnSessions: (request) => {
      live.said.push({ what: "waited", text: waiting.parse(request.body).reason });
      return wayBack(request);
    },
    checkInOnWatch: (request) => {
      live.said.push({ what: "checked in", text: checkingIn.parse(request.body).sentence });
      return watch(request);
    },
    endLiveWatch: (request) => {
      live.said.push({ what: "ended", text: ending.parse(request.body).reason });
      return watch(request);
    },
  };
}

/** A decision, sessions that live on, a check-in and an alert about one version, each until it is done. */
export function asksOf(
  live: FakeLive,
  { id: deployment, service, version, environment }: DeploymentDetail,
  now: Temporal.Instant,
): readonly LiveAsk[] {
  if (!live.asks) return [];
  const done = new Set(live.said.map(({ what }) => what));
  const about = { deployment, service, version, environment, since: text(now.subtract({ minutes: 4 })) };
  const what = `${service}@${version} in ${environment}`;
  const asks: readonly (LiveAsk & { readonly isDone: boolean })[] = [
    {
      ...about,
      kind: "decide",
      sentence: `${what}: 2.5 % of the requests have failed for three minutes. Decide, or it goes back by itself.`,
      until: text(now.add({ minutes: 6 })),
      isDone: done.has("decided"),
    },
    {
      ...about,
      kind: "sessions",
      sentence: `${service}@4.9.0 in ${environment} still has 12 sessions.`,
      until: text(now.add({ minutes: 6 })),
      isDone: done.has("waited"),
    },
    {
      ...about,
      kind: "check-in",
      sentence: `${what}: say how it does. A check-in is due.`,
      until: text(now.add({ minutes: 6 })),
      isDone: done.has("checked in") || done.has("ended"),
    },
    {
      ...about,
      kind: "notice",
      sentence: `${what}: tight-errors is above 1. It is told and not taken back by itself.`,
      until: null,
      isDone: done.has("ended"),
    },
  ];
  return asks.flatMap(({ isDone, ...ask }) => (isDone ? [] : [ask]));
}
