import type { ArmsOfSecond } from "#core/rollout/arms.ts";
import { createJudge, defaultJudgeSettings } from "#core/rollout/judge.ts";

/** Looks at the traffic of one second after the other, in order; true from the second on in which it goes back. */
export interface Watcher {
  readonly name: string;
  readonly look: (second: ArmsOfSecond) => boolean;
}

const judge = createJudge(defaultJudgeSettings);

/** What rollouts are judged by, asked after every second. */
export function productJudge(): Watcher {
  let state = judge.initial;
  return {
    name: "judge",
    look: (arms) => {
      state = judge.observe(state, arms);
      return judge.verdict(state).outcome === "worse";
    },
  };
}

export const thresholdEverySeconds = 30;

/** What many tools do: every 30 s, has the canary failed more often than a fixed share of its requests since the last look? */
export function thresholdJudge(name: string, above: number): Watcher {
  let [seconds, requests, errors] = [0, 0, 0];
  return {
    name,
    look: ({ canary }) => {
      seconds++;
      requests += canary.requests;
      errors += canary.errors;
      if (seconds % thresholdEverySeconds !== 0) return false;
      const isAbove = requests > 0 && errors / requests > above;
      [requests, errors] = [0, 0];
      return isAbove;
    },
  };
}
