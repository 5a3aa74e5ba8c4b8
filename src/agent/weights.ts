/** A thousandth of a per cent: weights are whole numbers inside, so shares do not drift. */
const partsPerPercent = 1000;

export interface Turn<Route> {
  readonly next: () => Route | null;
}

/**
 * Smooth weighted round robin: in every run of as many picks as the weights add up to, each route is picked exactly as
 * often as its weight says, and its picks are spread over the run. (Weights are reduced by their greatest common
 * divisor, so the run is short for round shares: 20 picks for 5 %.)
 */
export function takeTurns<Route>(routes: readonly { readonly route: Route; readonly percent: number }[]): Turn<Route> {
  const parts = routes.map(({ percent }) => Math.round(percent * partsPerPercent));
  const divisor = parts.reduce(greatestCommonDivisor, 0);
  const turns = routes
    .map(({ route }, index) => ({ route, weight: divisor === 0 ? 0 : (parts[index] ?? 0) / divisor, current: 0 }))
    .filter(({ weight }) => weight > 0);
  const total = turns.reduce((sum, { weight }) => sum + weight, 0);
  return {
    next: () => {
      let chosen: (typeof turns)[number] | null = null;
      for (const turn of turns) {
        turn.current += turn.weight;
        if (chosen === null || turn.current > chosen.current) chosen = turn;
      }
      if (chosen === null) return null;
      chosen.current -= total;
      return chosen.route;
    },
  };
}

function greatestCommonDivisor(a: number, b: number): number {
  let [high, low] = [a, b];
  while (low !== 0) [high, low] = [low, high % low];
  return high;
}
