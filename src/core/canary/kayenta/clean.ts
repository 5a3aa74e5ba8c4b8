/** How missing values are handled: left out, or taken for zero where "nothing came" means "none happened". */
export type NanStrategy = "remove" | "replace";

export function withoutNan(values: readonly number[], strategy: NanStrategy): readonly number[] {
  return strategy === "remove"
    ? values.filter((value) => !Number.isNaN(value))
    : values.map((value) => (Number.isNaN(value) ? 0 : value));
}

/**
 * Without what lies beyond the fences: `factor` interquartile ranges from the quartiles, but never inside the 1st and 99th
 * percentile (J. Tukey, "Exploratory Data Analysis", 1977, made less eager).
 */
export function withoutOutliers(values: readonly number[], factor: number): readonly number[] {
  if (values.length === 0) return values;
  const sorted = values.toSorted((a, b) => a - b);
  const [q1, q3] = [percentile(sorted, 0.25), percentile(sorted, 0.75)];
  const reach = factor * (q3 - q1);
  const low = Math.min(percentile(sorted, 0.01), q1 - reach);
  const high = Math.max(percentile(sorted, 0.99), q3 + reach);
  return values.filter((value) => value >= low && value <= high);
}

/** By linear interpolation between the two nearest values. */
function percentile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below] ?? 0;
  return low + (place - below) * ((sorted[below + 1] ?? low) - low);
}
