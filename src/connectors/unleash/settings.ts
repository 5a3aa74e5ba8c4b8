import { z } from "zod";

/** An Unleash server as its administration speaks. The token comes from the caller: a connector reads no file. */
export const unleashConnection = z.strictObject({
  /** Without `/api`: `https://flags.example`. */
  url: z.url({ protocol: /^https?$/ }),
  /** A token that may update features of the projects that plans name. */
  token: z.string().min(1).max(1_000),
  answerWithinMs: z.int().min(10).max(60_000).default(10_000),
});

export type UnleashConnectionInput = z.input<typeof unleashConnection>;
