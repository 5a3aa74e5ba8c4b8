import type { AddCommand } from "#cli/command.ts";
import { usage } from "#cli/exit.ts";
import { answered, connect } from "#cli/io.ts";
import { type Column, renderList, renderObject } from "#cli/output.ts";
import { exitOfGate, readSecret, showGate, writeSecret, type Gate } from "#cli/release/gate.ts";

interface RedeemFlags {
  readonly tokenFile: string;
  readonly leaseFile?: string;
  readonly digest?: string;
}

/** For the job that deploys: the token for a lease, right before anything is touched. */
export const redeem: AddCommand = (program, io) => {
  program
    .command("redeem <gate>")
    .description("Use the token of a gate, once: judged again, and the lease that credentials hang on begins")
    .requiredOption("--token-file <file>", "file with the token")
    .option("--lease-file <file>", "write the lease there, readable by its owner alone")
    .option("--digest <digest>", "digest of what is deployed; it has to be the one that was asked for")
    .action(async (id: string, flags: RedeemFlags) => {
      const client = connect(io);
      const { service, environment, action, digest } = answered(await client.getGate({ params: { id } })).body;
      const token = readSecret(flags.tokenFile);
      const body = { token, service, environment, action: actionOf(action), digest: flags.digest ?? digest };
      const { gate, lease, fence, expiresAt } = answered(await client.redeemGate({ params: { id }, body })).body;
      if (flags.leaseFile !== undefined) writeSecret(flags.leaseFile, lease);
      const data = { gate, fence, expiresAt, lease: flags.leaseFile === undefined ? lease : null };
      io.write(renderObject(io.format(), data, () => showGate(gate), gate.id));
      io.say(`Deploy now: the lease ends at ${expiresAt}; the lock of ${environment} has the number ${fence}.`);
    });
};

const actions = ["deploy", "roll-back", "fix-forward", "config", "flag", "restart", "migrate"] as const;

function actionOf(text: string): (typeof actions)[number] {
  const found = actions.find((action) => action === text);
  if (found === undefined) throw usage(`This version of the command line knows no action ${text}; update it.`);
  return found;
}

interface ResultFlags {
  readonly leaseFile: string;
  readonly live?: string;
}

export const result: AddCommand = (program, io) => {
  program
    .command("result <gate> <outcome>")
    .description("How a pipeline ended: succeeded or failed; what is live goes on record")
    .requiredOption("--lease-file <file>", "file with the lease")
    .option("--live <version>", "the version that the target shows; after a failure nothing is assumed without it")
    .action(async (id: string, outcome: string, flags: ResultFlags) => {
      if (outcome !== "succeeded" && outcome !== "failed") throw usage("A result is succeeded or failed.");
      const body = { lease: readSecret(flags.leaseFile), outcome, live: flags.live ?? null } as const;
      const gate = answered(await connect(io).reportGateResult({ params: { id }, body })).body;
      io.write(renderObject(io.format(), gate, () => showGate(gate), gate.id));
      io.setExit(exitOfGate(gate));
    });
};

const columns: readonly Column<Gate>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "WHAT", text: ({ service, version }) => `${service}@${version}` },
  { title: "TO", text: ({ environment }) => environment },
  { title: "STATE", text: ({ state }) => state },
  { title: "OPENS", text: ({ opensAt }) => opensAt ?? "" },
  { title: "RUN", text: ({ run }) => run ?? "" },
  { title: "REASON", text: ({ reason }) => reason, wide: true },
];

interface ListFlags {
  readonly all?: boolean;
  readonly environment?: string;
  readonly limit: string;
}

export const gates: AddCommand = (program, io) => {
  const group = program
    .command("gates")
    .description("Questions of pipelines that have not ended, newest first")
    .option("--all", "those that have ended too")
    .option("--environment <environment>", "of this one only")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async ({ all, environment, limit }: ListFlags) => {
      const query = {
        limit,
        ...(all === true ? {} : { state: "open" as const }),
        ...(environment === undefined ? {} : { environment }),
      };
      const { items, next } = answered(await connect(io).listGates({ query })).body;
      io.write(renderList(io.format(), items, columns, ({ id }) => id));
      if (next !== null) io.say("There are more; raise --limit.");
    });
  group
    .command("cancel <gate>")
    .description("Withdraw a question that has not started")
    .requiredOption("--reason <text>", "why")
    .action(async (id: string, { reason }: { readonly reason: string }) => {
      const gate = answered(await connect(io).cancelGate({ params: { id }, body: { reason } })).body;
      io.write(renderObject(io.format(), gate, () => showGate(gate), gate.id));
    });
};

export const violations: AddCommand = (program, io) => {
  program
    .command("violations")
    .description("Versions that are live and that no deployment and no gate has brought there")
    .option("--all", "those that have ended too")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async ({ all, limit }: ListFlags) => {
      const query = { limit, ...(all === true ? { state: "all" as const } : {}) };
      const { items, next } = answered(await connect(io).listViolations({ query })).body;
      const shown: readonly Column<(typeof items)[number]>[] = [
        { title: "ID", text: ({ id }) => id },
        { title: "SINCE", text: ({ firstSeenAt }) => firstSeenAt },
        { title: "UNTIL", text: ({ endedAt }) => endedAt ?? "still so" },
        { title: "WHAT", text: ({ sentence }) => sentence },
      ];
      io.write(renderList(io.format(), items, shown, ({ id }) => id));
      if (next !== null) io.say("There are more; raise --limit.");
    });
};
