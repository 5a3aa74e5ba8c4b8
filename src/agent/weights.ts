/** A thousandth of a per cent: weights are whole numbers inside, so shares do not drift. */
const partsPerPercent = 1000;
/** What binary fractions cannot tell apart. */
const missTolerance = 1e-9;

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

/**
 * Whole weights of at most `most` whose shares come closest to the wanted ones, smallest sum first; null if some share
 * would vanish or miss by more than `within` points. Shares of 0 weigh nothing.
 */
export function wholeWeights(percents: readonly number[], most: number, within: number): readonly number[] | null {
  const total = percents.reduce((sum, percent) => sum + percent, 0);
  if (total === 0) return percents.map(() => 0);
  let best: { readonly weights: readonly number[]; readonly miss: number } | null = null;
  // The largest share has the largest weight, so its weight alone says which sums are possible.
  const highest = Math.max(...percents);
  for (let largest = 1; largest <= most; largest += 1) {
    const weights = percents.map((percent) => Math.round((percent / highest) * largest));
    const sum = weights.reduce((all, weight) => all + weight, 0);
    const misses = percents.map((percent, index) => Math.abs(((weights[index] ?? 0) / sum) * total - percent));
    const isWhole = percents.every((percent, index) => percent === 0 || (weights[index] ?? 0) > 0);
    const miss = Math.max(...misses);
    if (isWhole && (best === null || miss < best.miss - missTolerance)) best = { weights, miss };
  }
  return best !== null && best.miss <= within ? best.weights : null;
}
