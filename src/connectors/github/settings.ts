import { z } from "zod";

/** A GitHub App as it speaks. The key comes from the caller: a connector reads no file. */
export const gitHubConnection = z.strictObject({
  /** `https://api.github.com`, or that of an enterprise server. */
  apiUrl: z.url({ protocol: /^https?$/ }).default("https://api.github.com"),
  appId: z.string().regex(/^[A-Za-z0-9._-]{1,100}$/),
  /** RSA, PEM. */
  privateKey: z.string().min(100).max(20_000),
  answerWithinMs: z.int().min(10).max(60_000).default(10_000),
});

export type GitHubConnection = z.output<typeof gitHubConnection>;
export type GitHubConnectionInput = z.input<typeof gitHubConnection>;
