/** Values of both arms at the same moment. */
export interface Pair {
  readonly control: number;
  readonly canary: number;
}

/**
 * How far the canary's value of a pair ranks above the control's among the values of both arms around it: 1 at most, −1 at
 * least, 0 when they tie. Exchanging the two changes the sign and nothing else, so if the arms do not differ, either sign is
 * as likely whatever the values are: heavy tails, spikes and drift need no model. Ranks among neighbours use what a
 * difference hides: that the one value is where values usually are and the other is not (aligned ranks, J. Hodges and E.
 * Lehmann, "Rank Methods for Combination of Independent Experiments in Analysis of Variance", 1962).
 */
export function leanOf(pair: Pair, around: readonly Pair[]): number {
  let lean = 2 * Math.sign(pair.canary - pair.control);
  for (const { control, canary } of around) {
    lean += Math.sign(pair.canary - control) - Math.sign(pair.control - control);
    lean += Math.sign(pair.canary - canary) - Math.sign(pair.control - canary);
  }
  const weight = isOneSilent(pair) ? weightOfSilence : 1;
  return (weight * lean) / (4 * around.length + 2);
}

/** Pairs on either side among which a pair is ranked: few enough for the level not to have moved. */
export const neighbours = 6;

/** A value of zero stays zero however many times worse the canary is; what is left of it is a mere direction. */
const weightOfSilence = 0.2;

function isOneSilent({ control, canary }: Pair): boolean {
  return control > 0 !== canary > 0;
}
