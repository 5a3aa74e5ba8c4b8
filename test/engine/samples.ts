import type { Place, Workflow } from "#workflows/flow.ts";

/*
 * Workflows that exercise every word of the port. `Ports` is what a workflow does to the world; each engine's suite
 * brings its own world and counts what happened in it.
 */

export interface Ports<Tx> {
  /** A plain effect; `key` is the idempotency key that the engine gave. */
  readonly effect: (name: string, key: string) => Promise<void>;
  /** A row of the domain. */
  readonly insert: (tx: Tx, name: string) => Promise<void>;
}

export interface Release {
  readonly name: string;
  readonly environment: string;
  readonly expiresAt: string;
  readonly notBefore: string;
}

export interface Samples<Tx> {
  readonly release: Workflow<Tx, Release, string>;
  readonly rollout: Workflow<Tx, Release, string>;
  readonly flaky: Workflow<Tx, { readonly failures: number }, number>;
  readonly broken: Workflow<Tx, null, string>;
  readonly parent: Workflow<Tx, null, string>;
  readonly listener: Workflow<Tx, { readonly count: number; readonly until: string }, readonly string[]>;
  readonly exclusive: Workflow<Tx, { readonly name: string }, string>;
}

export const environments = "environments";
export const anywhere = (key: string): Place => ({ queue: "runs", key });
const quick = { maxAttempts: 5, firstDelayMs: 1, backoff: 1 };

export function samplesOf<Tx>(ports: Ports<Tx>): Samples<Tx> {
  const rollout: Samples<Tx>["rollout"] = {
    name: "rollout",
    body: async (flow, input) => {
      for (const percent of [10, 50, 100]) {
        await flow.step(`shift to ${percent}%`, (key) => ports.effect(`${input.name} ${percent}`, key));
        await flow.tx(`record ${percent}%`, (tx) => ports.insert(tx, `${input.name} ${percent}`));
      }
      return "released";
    },
  };
  const release: Samples<Tx>["release"] = {
    name: "release",
    body: async (flow, input) => {
      const approval = await flow.wait<{ readonly ok: boolean }>("approval", Temporal.Instant.from(input.expiresAt));
      if (approval === null) return "expired";
      if (!approval.ok) return "rejected";
      await flow.sleep(Temporal.Instant.from(input.notBefore));
      return flow.run(rollout, input, { queue: environments, key: input.environment });
    },
  };
  const broken: Samples<Tx>["broken"] = {
    name: "broken",
    body: async (flow) => {
      await flow.step("fail", () => Promise.reject(new Error("the target is gone")), { ...quick, maxAttempts: 2 });
      return "unreachable";
    },
  };
  return { release, rollout, broken, flaky: flakyOf(), parent: parentOf(broken), ...listenersOf(ports) };
}

function flakyOf<Tx>(): Samples<Tx>["flaky"] {
  return {
    name: "flaky",
    body: async (flow, input) => {
      let attempts = 0;
      await flow.step(
        "try",
        async () => {
          attempts += 1;
          if (attempts <= input.failures) throw new Error(`attempt ${attempts} failed`);
        },
        quick,
      );
      return flow.step("count", async () => attempts);
    },
  };
}

function parentOf<Tx>(broken: Samples<Tx>["broken"]): Samples<Tx>["parent"] {
  return {
    name: "parent",
    body: async (flow) => {
      try {
        return await flow.run(broken, null, anywhere("child"));
      } catch (error) {
        return error instanceof Error ? `child failed: ${error.message}` : "child failed";
      }
    },
  };
}

function listenersOf<Tx>(ports: Ports<Tx>): Pick<Samples<Tx>, "listener" | "exclusive"> {
  return {
    listener: {
      name: "listener",
      body: async (flow, input) => {
        const heard: string[] = [];
        while (heard.length < input.count) {
          heard.push((await flow.wait<string>("news", Temporal.Instant.from(input.until))) ?? "silence");
        }
        return heard;
      },
    },
    exclusive: {
      name: "exclusive",
      body: async (flow, input) => {
        await flow.step("enter", (key) => ports.effect(`enter ${input.name}`, key));
        await flow.step("leave", (key) => ports.effect(`leave ${input.name}`, key));
        return input.name;
      },
    },
  };
}
