import { answered, connect, type Io } from "#cli/io.ts";
import { renderObject } from "#cli/output.ts";
import { showDeployment } from "#cli/release/show.ts";
import type { AddCommand } from "#cli/command.ts";

interface Decision {
  readonly decision: "approved" | "rejected";
  readonly reason: string | null;
  readonly despite: readonly string[];
}

/** Binds the decision to the content that the server shows now; when it changes in between the server refuses. */
async function decide(io: Io, id: string, { decision, reason, despite }: Decision): Promise<void> {
  const client = connect(io);
  const shown = answered(await client.getDeployment({ params: { id } })).body;
  const body = { decision, reason, contentDigest: shown.contentDigest, despite: [...despite] };
  const after = answered(await client.decideApproval({ params: { id }, body })).body;
  const spite = despite.length === 0 ? "" : `, in spite of the freeze ${despite.join(", ")}`;
  io.say(
    `${decision}: ${shown.service}@${shown.version} → ${shown.environment}, content ${shown.contentDigest}${spite}`,
  );
  if (decision === "approved") warnOfFreezes(io, id, shown, despite);
  // The answer may still carry the verdict from before: a worker judges again at once, and "deployment" shows it.
  const next = `It is judged again now: tidegate deployment ${id}\n`;
  const text = (): string => (after.endedAt === null ? next : showDeployment(after));
  io.write(renderObject(io.format(), after, text, after.id));
}

interface Shown {
  readonly verdict: {
    readonly findings: readonly {
      readonly rule: string;
      readonly outcome: string;
      readonly sentence: string;
      readonly evidence: readonly { readonly kind: string; readonly ref: string }[];
      readonly remedies: readonly { readonly kind: string; readonly who: string }[];
    }[];
  } | null;
}

/** Whoever approves the content alone has to know that a freeze stays in the way. */
function warnOfFreezes(io: Io, id: string, { verdict }: Shown, despite: readonly string[]): void {
  const finding = verdict?.findings.find(({ rule }) => rule === "freeze-in-force");
  const consent = finding?.remedies.find(({ kind }) => kind === "approve");
  const left = finding?.evidence.filter(({ kind, ref }) => kind === "freeze" && !despite.includes(ref)) ?? [];
  if (finding === undefined || consent === undefined || left.length === 0) return;
  io.say(`${finding.sentence} This approval does not pass it.`);
  for (const { ref } of left) io.say(`  ${consent.who} can: tidegate approve ${id} --despite ${ref}`);
}

export const approve: AddCommand = (program, io) => {
  program
    .command("approve <id>")
    .description("Approve the content of a deployment")
    .option("--reason <text>", "why")
    .option("--despite <freeze...>", "in spite of this freeze: consent to pass it, on the route that it names")
    .action((id: string, flags: { readonly reason?: string; readonly despite?: readonly string[] }) =>
      decide(io, id, { decision: "approved", reason: flags.reason ?? null, despite: flags.despite ?? [] }),
    );
};

export const reject: AddCommand = (program, io) => {
  program
    .command("reject <id>")
    .description("Reject the content of a deployment; final for that content")
    .requiredOption("--reason <text>", "why")
    .action((id: string, flags: { readonly reason: string }) =>
      decide(io, id, { decision: "rejected", reason: flags.reason, despite: [] }),
    );
};
