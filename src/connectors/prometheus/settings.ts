import { z } from "zod";

/** A Prometheus as its HTTP API speaks. The token comes from the caller: a connector reads no file. */
export const prometheusConnection = z.strictObject({
  /** Without `/api`: `https://metrics.example`; the word of the operator alone, so it may lie in a private network. */
  url: z.url({ protocol: /^https?$/ }),
  /** Sent as a bearer token, for a proxy in front of it. */
  token: z.string().min(1).max(10_000).optional(),
  answerWithinMs: z.int().min(10).max(60_000).default(5_000),
});

export type PrometheusConnectionInput = z.input<typeof prometheusConnection>;
