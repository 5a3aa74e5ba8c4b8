import { answered, connect, type Io } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";
import { showDeployment } from "#cli/release/show.ts";
import type { AddCommand } from "#cli/command.ts";

/** Binds the decision to the content that the server shows now; when it changes in between the server refuses. */
async function decide(io: Io, id: string, decision: "approved" | "rejected", reason: string | null): Promise<void> {
  const client = connect(io);
  const shown = answered(await client.getDeployment({ params: { id } })).body;
  const body = { decision, reason, contentDigest: shown.contentDigest };
  const after = answered(await client.decideApproval({ params: { id }, body })).body;
  io.say(`${decision}: ${shown.service}@${shown.version} → ${shown.environment}, content ${shown.contentDigest}`);
  // The answer may still carry the verdict from before: a worker judges again at once, and "deployment" shows it.
  const next = `It is judged again now: tidegate deployment ${id}\n`;
  const text = (): string => (after.endedAt === null ? next : showDeployment(after));
  io.write(renderObject(io.format(), after, text, after.id));
}

export const approve: AddCommand = (program, io) => {
  program
    .command("approve <id>")
    .description("Approve the content of a deployment")
    .option("--reason <text>", "why")
    .action((id: string, flags: { readonly reason?: string }) => decide(io, id, "approved", flags.reason ?? null));
};

export const reject: AddCommand = (program, io) => {
  program
    .command("reject <id>")
    .description("Reject the content of a deployment; final for that content")
    .requiredOption("--reason <text>", "why")
    .action((id: string, flags: { readonly reason: string }) => decide(io, id, "rejected", flags.reason));
};
