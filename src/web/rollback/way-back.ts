import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { z } from "zod";
import type { getWayBack } from "#contract/rollback.ts";
import { answered, api } from "#web/api.ts";
import { span } from "#web/ui/time.ts";

export type WayBack = z.output<(typeof getWayBack)["answers"][200]>;
export type Decision = WayBack["decisions"][number];
export type LeftVersion = WayBack["left"][number];

/** Where the page of a deployment shows it, for links. */
export const decisionAnchor = "decision";
export const leftAnchor = "left-running";

/** A clock runs while something is being decided, and others say what they think. */
const whileOpenMs = 3_000;
const otherwiseMs = 30_000;

export function useWayBack(id: string): UseQueryResult<WayBack> {
  return useQuery({
    queryKey: ["deployment", id, "way-back"],
    queryFn: ({ signal }) => answered(api.getWayBack({ signal, params: { id } })),
    refetchInterval: ({ state }) =>
      state.data !== undefined && openDecision(state.data) !== null ? whileOpenMs : otherwiseMs,
  });
}

export function openDecision({ decisions }: Pick<WayBack, "decisions">): Decision | null {
  return decisions.find(({ ended }) => ended === null) ?? null;
}

/** What an option does, with the deployment as `it`. */
export function sayOption(cause: Decision["cause"], option: Decision["whenSilent"]): string {
  if (option === "go-back") return "it goes back";
  return cause === "held" ? "it goes on" : "it stays live";
}

const known = { rehearsed: "measured in a rehearsal", history: "as before", estimate: "estimated" } as const;

export function sayTime(time: WayBack["time"]): string {
  return time === null ? "nobody knows how long" : `${span(Math.ceil(time.seconds))}, ${known[time.known]}`;
}

/** What whoever decides has to know of the way back, a sentence each. */
export function factsOf({
  former,
  time,
  plan,
  isPastNoReturn,
}: Pick<WayBack, "former" | "time" | "plan" | "isPastNoReturn">): readonly string[] {
  if (former === null) return ["Nothing was live there before: there is nothing to go back to."];
  const takes =
    time === null ? "Nobody knows how long going back takes." : `Going back to ${former} takes ${sayTime(time)}.`;
  const noReturn = plan?.pointOfNoReturn ?? null;
  if (plan === null) return [takes, "Nobody has planned the way back."];
  if (noReturn === null) return [takes, "It has no point of no return."];
  const point = isPastNoReturn
    ? `It is past the point of no return: ${noReturn.why} Fixing forward is the plan.`
    : `The point of no return is ${noReturn.percent} %: ${noReturn.why}`;
  return [takes, point];
}

export function sayDeciders({ decider, deputy }: Pick<Decision, "decider" | "deputy">): string {
  return deputy === null ? decider : `${decider} or ${deputy}`;
}

export function saySessions({ sessions, isExact }: Pick<LeftVersion, "sessions" | "isExact">): string {
  if (sessions === null) return "sessions that nobody has counted yet";
  return `${sessions} ${sessions === 1 ? "session" : "sessions"}${isExact || sessions === 0 ? "" : " at most"}`;
}

export function sayForcedOut({ how, forcedOut }: Pick<NonNullable<LeftVersion["ended"]>, "how" | "forcedOut">): string {
  if (how === "in-use") return "it has users again.";
  return forcedOut === null || forcedOut === 0 ? "nobody was logged out." : `${forcedOut} were logged out.`;
}
