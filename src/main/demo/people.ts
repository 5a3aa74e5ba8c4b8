import { writeFileSync } from "node:fs";
import path from "node:path";
import type { Pool } from "pg";
import { client, type Client } from "#contract/client.ts";
import { newTokenFor } from "#main/issue-token.ts";

export interface DemoPerson {
  readonly account: string;
  readonly what: string;
  readonly token: string;
  readonly client: Client;
}

/** Accounts of `examples/boutique/people.yaml` that a visitor may want to be. */
const cast = [
  { account: "chen", what: "developer of checkout and cart: asks for deployments" },
  { account: "emil", what: "developer and approver of another change: approves" },
  { account: "hana", what: "release manager: sees and approves everything" },
  { account: "jonas", what: "operator: looks after what is live, reports, rehearses" },
  { account: "kemal", what: "auditor: reads the record" },
  { account: "lena", what: "administrator: applies configuration, sets the clock" },
] as const;

/** A week of tokens for the visitor; kept in the state folder, readable by its owner only. */
export async function introduce(pool: Pool, url: string, stateDir: string): Promise<ReadonlyMap<string, DemoPerson>> {
  const people = new Map<string, DemoPerson>();
  for (const { account, what } of cast) {
    const token = await newTokenFor(pool, { account, label: "demonstration", hours: 24 * 7 });
    people.set(account, { account, what, token, client: client({ baseUrl: url, token }) });
  }
  const lines = [...people.values()].map(({ account, what, token }) => `${account}  ${token}  # ${what}`);
  writeFileSync(path.join(stateDir, "demo-tokens.txt"), `${lines.join("\n")}\n`, { mode: 0o600 });
  return people;
}
