import type { z } from "zod";
import type { AddCommand } from "#cli/command.ts";
import { usage } from "#cli/exit.ts";
import { answered, connect, type Io } from "#cli/io.ts";
import { type Column, renderList, renderObject } from "#cli/output.ts";
import { writeSecret } from "#cli/release/gate.ts";
import type { callback as wireCallback, hook as wireHook, hookDelivery as wireDelivery } from "#contract/hook.ts";

type Hook = z.infer<typeof wireHook>;
type Delivery = z.infer<typeof wireDelivery>;
type Callback = z.infer<typeof wireCallback>;

const hookColumns: readonly Column<Hook>[] = [
  { title: "NAME", text: ({ name }) => name },
  { title: "SCHEME", text: ({ scheme }) => scheme },
  { title: "ACTS AS", text: ({ account }) => account },
  { title: "SENDS TO", text: ({ path }) => path },
  { title: "BY", text: ({ createdBy }) => createdBy },
];

const deliveryColumns: readonly Column<Delivery>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "HOOK", text: ({ hook }) => hook },
  { title: "RECEIVED", text: ({ receivedAt }) => receivedAt },
  { title: "EVENT", text: ({ event }) => event },
  { title: "STATE", text: ({ state }) => state },
  { title: "WHAT", text: ({ sentence }) => sentence ?? "" },
  { title: "GATE", text: ({ gate }) => gate ?? "", wide: true },
  { title: "DELIVERY", text: ({ delivery }) => delivery, wide: true },
];

const callbackColumns: readonly Column<Callback>[] = [
  { title: "NAME", text: ({ name }) => name },
  { title: "ADDRESS", text: ({ url }) => url },
  { title: "RETRYING", text: ({ waiting }) => String(waiting) },
  { title: "GIVEN UP", text: ({ givenUp }) => String(givenUp) },
  { title: "LAST FAILURE", text: ({ lastFailure }) => lastFailure ?? "" },
];

interface AddFlags {
  readonly scheme: string;
  readonly account: string;
  readonly service?: string[];
  readonly environment?: string[];
  readonly secretFile?: string;
}

interface DeliveryFlags {
  readonly hook?: string;
  readonly state?: string;
  readonly limit: string;
}

export const hooks: AddCommand = (program, io) => {
  const group = program.command("hooks").description("Systems that may send webhooks, and what they sent");
  group
    .command("add <name>")
    .description("Let a system send webhooks; its secret is shown once")
    .requiredOption("--scheme <scheme>", "standard, github, gitlab or jenkins")
    .requiredOption("--account <account>", "one of your accounts: what the system sends is done with its rights")
    .option("--service <theirs=ours...>", "their repositories or projects, and our services")
    .option("--environment <theirs=ours...>", "their environments, and ours")
    .option("--secret-file <file>", "write the secret there, readable by its owner alone")
    .action(async (name: string, flags: AddFlags) => {
      const body = {
        name,
        scheme: oneOf(["standard", "github", "gitlab", "jenkins"], flags.scheme, "--scheme"),
        account: flags.account,
        services: namesOf(flags.service),
        environments: namesOf(flags.environment),
      };
      const { hook, secret } = answered(await connect(io).createHook({ body })).body;
      show(io, hook, hook.name, secret, flags.secretFile, `It sends to ${hook.path}`);
    });
  group
    .command("rotate <name>")
    .description("A new secret; the one before is accepted for an hour")
    .option("--secret-file <file>", "write the secret there, readable by its owner alone")
    .action(async (name: string, { secretFile }: { readonly secretFile?: string }) => {
      const { hook, secret } = answered(await connect(io).rotateHook({ params: { name } })).body;
      show(io, hook, name, secret, secretFile, `The secret before is accepted until ${hook.formerUntil ?? "now"}`);
    });
  group
    .command("remove <name>")
    .description("Accept nothing more of it")
    .action(async (name: string) => {
      answered(await connect(io).removeHook({ params: { name } }));
      io.say(`${name} is removed; what it sent stays on record.`);
    });
  group
    .command("list")
    .description("Systems that may send")
    .action(async () => {
      const { items } = answered(await connect(io).listHooks()).body;
      io.write(renderList(io.format(), items, hookColumns, ({ name }) => name));
    });
  addDeliveries(group, io);
};

function addDeliveries(group: Parameters<AddCommand>[0], io: Io): void {
  group
    .command("deliveries")
    .description("Webhooks as they came, newest first, with what became of each")
    .option("--hook <name>", "of this system only")
    .option("--state <state>", "received, done, ignored or failed")
    .option("--limit <n>", "how many at most (200 at the most)", "50")
    .action(async ({ hook, state, limit }: DeliveryFlags) => {
      const states = ["received", "done", "ignored", "failed"] as const;
      const query = {
        limit,
        ...(hook === undefined ? {} : { hook }),
        ...(state === undefined ? {} : { state: oneOf(states, state, "--state") }),
      };
      const { items, next } = answered(await connect(io).listHookDeliveries({ query })).body;
      io.write(renderList(io.format(), items, deliveryColumns, ({ id }) => id));
      if (next !== null) io.say("There are more; raise --limit.");
    });
  group
    .command("replay <delivery>")
    .description("Handle a stored webhook again; what it has done already is not done twice")
    .action(async (id: string) => {
      const replayed = answered(await connect(io).replayHookDelivery({ params: { id } })).body;
      io.write(renderObject(io.format(), replayed, () => `${id} is handled again\n`, id));
    });
}

export const callbacks: AddCommand = (program, io) => {
  const group = program.command("callbacks").description("Places to which gates may send their changes");
  group
    .command("add <name>")
    .description("An address and everything below it; its secret is shown once")
    .requiredOption("--url <url>", "the address")
    .option("--secret-file <file>", "write the secret there, readable by its owner alone")
    .action(async (name: string, { url, secretFile }: { readonly url: string; readonly secretFile?: string }) => {
      const { callback, secret } = answered(await connect(io).createCallback({ body: { name, url } })).body;
      show(io, callback, name, secret, secretFile, `Gates may send to ${url} and below`);
    });
  group
    .command("remove <name>")
    .description("Send nothing there any more")
    .action(async (name: string) => {
      answered(await connect(io).removeCallback({ params: { name } }));
      io.say(`${name} is removed; what was not delivered is given up.`);
    });
  group
    .command("list")
    .description("Places, with what could not be delivered")
    .action(async () => {
      const { items } = answered(await connect(io).listCallbacks()).body;
      io.write(renderList(io.format(), items, callbackColumns, ({ name }) => name));
    });
};

function show(io: Io, made: object, name: string, secret: string, file: string | undefined, sentence: string): void {
  if (file !== undefined) writeSecret(file, secret);
  const data = { ...made, secret: file === undefined ? secret : null };
  io.write(renderObject(io.format(), data, () => (file === undefined ? `${secret}\n` : `${name}\n`), name));
  io.say(`${sentence}. The secret is shown this once.`);
}

function namesOf(pairs: readonly string[] = []): Record<string, string> {
  const entries = pairs.map((pair): [string, string] => {
    const at = pair.lastIndexOf("=");
    if (at <= 0 || at === pair.length - 1)
      throw usage(`"${pair}" is not THEIRS=OURS; write for example acme/cart=cart.`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return Object.fromEntries(entries);
}

function oneOf<const T extends string>(allowed: readonly T[], text: string, flag: string): T {
  const found = allowed.find((value) => value === text);
  if (found === undefined) throw usage(`${flag} takes ${allowed.join(", ")}, not "${text}".`);
  return found;
}
