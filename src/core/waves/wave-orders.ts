import { fitWaves, type Fit, type FitQuestion, type WaveTarget } from "./wave-fit.ts";
import { wavesOf, type WavePlan } from "./wave-plan.ts";
import type { Risk } from "#core/calendar/advice/risk.ts";

/** An order of the regions in which the plan fits. */
export interface Order {
  readonly regions: readonly string[];
  readonly fit: Fit;
}

export interface OrderQuestion extends Omit<FitQuestion, "waves"> {
  readonly plan: Pick<WavePlan, "regions" | "growth">;
  readonly risk: Risk;
  readonly targets: ReadonlyMap<string, WaveTarget>;
}

/** With more regions only turns of the order as written are tried: each first once. */
export const maxPermutedRegions = 5;
const maxOffers = 3;

/** Other orders that fit, those that end first in front. */
export function fittingOrders(question: OrderQuestion): readonly Order[] {
  const { regions } = question.plan;
  const orders = regions.length <= maxPermutedRegions ? permutations(regions) : turns(regions);
  const fitting = orders.slice(1).flatMap((order): readonly Order[] => {
    const answer = fitWaves(fitQuestion({ ...question, plan: { ...question.plan, regions: order } }));
    return answer.kind === "fits" ? [{ regions: order.map(({ name }) => name), fit: answer.fit }] : [];
  });
  return fitting.toSorted((a, b) => endOf(a) - endOf(b)).slice(0, maxOffers);
}

export function fitQuestion({ plan, risk, targets, soakMs, notBeforeMs, mixLimitMs }: OrderQuestion): FitQuestion {
  const waves = wavesOf(plan, risk).map(({ environments }) =>
    environments.map((environment) => targets.get(environment) ?? { environment, openings: [], lengthMs: 0 }),
  );
  return { waves, soakMs, notBeforeMs, mixLimitMs };
}

function endOf({ fit }: Order): number {
  return Math.max(...fit.waves.flat().map(({ endMs }) => endMs));
}

/** The order as it is comes first. */
function permutations<T>(list: readonly T[]): readonly (readonly T[])[] {
  if (list.length <= 1) return [list];
  return list.flatMap((one, place) =>
    permutations(list.filter((_, other) => other !== place)).map((rest) => [one, ...rest]),
  );
}

function turns<T>(list: readonly T[]): readonly (readonly T[])[] {
  return list.map((_, place) => [...list.slice(place), ...list.slice(0, place)]);
}
