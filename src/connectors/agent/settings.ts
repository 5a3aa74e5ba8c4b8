import { z } from "zod";

/** How to reach one agent. The token comes from the caller: a connector reads no file. */
export const agentConnection = z.strictObject({
  /** `http://127.0.0.1:PORT`: agents listen on loopback only. */
  url: z.url({ protocol: /^http$/, hostname: /^(127\.0\.0\.1|localhost)$/ }),
  token: z.string().min(20).max(500),
  /** Longest wait for observing, weights and traffic. */
  answerWithinMs: z.int().min(10).max(60_000).default(5_000),
  /** Longest wait for smoke checks: some ask for two minutes whether something has arrived elsewhere. */
  checksWithinMs: z.int().min(10).max(600_000).default(180_000),
  /** Longest wait for a start or a stop: these wait for processes. */
  effectWithinMs: z.int().min(10).max(600_000).default(60_000),
});

export type AgentConnection = z.output<typeof agentConnection>;
export type AgentConnectionInput = z.input<typeof agentConnection>;
