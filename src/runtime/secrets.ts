import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { newId } from "./ids.ts";

/** Randomness and hashing for credentials; `usecases/access` says what each must promise. */
export const secrets = {
  make: (): string => randomBytes(32).toString("hex"),
  hash: (secret: string): string => createHash("sha256").update(secret, "utf8").digest("hex"),
  equal(a: string, b: string): boolean {
    const left = Buffer.from(a, "utf8");
    const right = Buffer.from(b, "utf8");
    return left.length === right.length && timingSafeEqual(left, right);
  },
  newTokenId: (): string => newId<"TokenId">("token"),
};
