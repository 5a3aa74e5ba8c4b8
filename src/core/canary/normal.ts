/** Standard normal distribution by the series of the error function; accurate to 1e-12 for |z| below 8. */
export function normalBelow(z: number): number {
  if (z <= -8) return 0;
  if (z >= 8) return 1;
  let term = z;
  let sum = z;
  for (let k = 1; k < 200 && Math.abs(term) > 1e-16; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
}

/** The z below which the normal distribution has `probability`, by halving: no table, no second formula to disagree. */
export function normalQuantile(probability: number): number {
  let low = -8;
  let high = 8;
  for (let round = 0; round < 60; round++) {
    const middle = (low + high) / 2;
    if (normalBelow(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
